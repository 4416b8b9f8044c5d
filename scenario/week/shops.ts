/** A shop and the source that sends its charges. examples/week.configuration.json has what each source attests. */
export interface Shop {
  readonly source: string;
  readonly merchant: string;
  readonly currency: string;
  readonly mcc: string;
  /** Prices in minor units, both ends included. */
  readonly prices: readonly [min: number, max: number];
}

const CARDS = '/processors/cards';

/** The card processor attests single charges and its order totals. */
export const GARDEN: Shop = {
  source: CARDS,
  merchant: 'm_garden',
  currency: 'EUR',
  mcc: '5261',
  prices: [890, 24_900],
};
export const BOOKS: Shop = { source: CARDS, merchant: 'm_books', currency: 'EUR', mcc: '5942', prices: [490, 8_900] };
export const LAMPS: Shop = {
  source: CARDS,
  merchant: 'm_lamps',
  currency: 'EUR',
  mcc: '5719',
  prices: [1_900, 39_900],
};
/** The hotel charges equal rooms of one booking, whatever its processor attests. */
export const ROOMS: Shop = {
  source: CARDS,
  merchant: 'm_rooms',
  currency: 'EUR',
  mcc: '7011',
  prices: [6_900, 19_900],
};
/** A second channel into the same shop, with the same order numbers. Its copies may be of another source. */
export const SCANNED_BOOKS: Shop = { ...BOOKS, source: '/channels/scan' };
/** The kiosk's till attests one charge for each ticket number. */
export const KIOSK: Shop = {
  source: '/terminals/kiosk',
  merchant: 'm_kiosk',
  currency: 'JPY',
  mcc: '5499',
  prices: [180, 2_400],
};
/** The marketplace attests that its closings are final. */
export const BAZAAR: Shop = {
  source: '/marketplaces/bazaar',
  merchant: 'm_bazaar',
  currency: 'EUR',
  mcc: '5399',
  prices: [990, 14_900],
};
/** The shop captures what it ships. Its order totals are attested. */
export const PARCELS: Shop = {
  source: '/shops/parcels',
  merchant: 'm_parcels',
  currency: 'EUR',
  mcc: '5311',
  prices: [1_500, 12_000],
};
/** The shops from here on attest nothing. */
export const TICKETS: Shop = {
  source: '/shops/tickets',
  merchant: 'm_tickets',
  currency: 'GBP',
  mcc: '7922',
  prices: [1_200, 9_500],
};
export const BISTRO: Shop = {
  source: '/terminals/bistro',
  merchant: 'm_bistro',
  currency: 'EUR',
  mcc: '5812',
  prices: [1_400, 9_800],
};
export const CAFE: Shop = { ...BISTRO, merchant: 'm_cafe', mcc: '5814', prices: [240, 980] };
export const PLANS: Shop = {
  source: '/billing/plans',
  merchant: 'm_news',
  currency: 'EUR',
  mcc: '5968',
  prices: [199, 2_900],
};
export const CITY: Shop = { ...PLANS, merchant: 'm_city', mcc: '9399', prices: [1_500, 6_000] };
export const CLOUD: Shop = {
  source: '/wallets/top-up',
  merchant: 'm_cloud',
  currency: 'USD',
  mcc: '7372',
  prices: [1_000, 5_000],
};
export const GAME: Shop = { ...CLOUD, merchant: 'm_game', mcc: '7994', prices: [99, 1_999] };
export const TRANSIT: Shop = {
  source: '/transit/taps',
  merchant: 'm_metro',
  currency: 'KWD',
  mcc: '4111',
  prices: [250, 500],
};
export const TOLLS: Shop = { ...TRANSIT, merchant: 'm_tolls', mcc: '4784', prices: [500, 1_500] };
/** No gateway serves the charity, so its copies are only monitored. */
export const CHARITY: Shop = {
  source: '/donations/nightly',
  merchant: 'm_charity',
  currency: 'EUR',
  mcc: '8398',
  prices: [500, 10_000],
};
