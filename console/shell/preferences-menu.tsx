import ButtonDropdown, { type ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown';
import type { TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import { isLanguage, LANGUAGES } from '../messages/languages.ts';
import { useMessages } from '../messages/messages.tsx';
import { usePreferences } from './preferences.tsx';

/** Language, colours and clock, where there is no top navigation to hold them. */
export function PreferencesMenu() {
  const { t } = useMessages();
  const { items, onItemClick } = usePreferenceItems();
  return (
    <ButtonDropdown items={items} onItemClick={onItemClick} expandToViewport>
      {t('preferences')}
    </ButtonDropdown>
  );
}

/** The same in the top navigation. */
export function usePreferencesUtility(): TopNavigationProps.MenuDropdownUtility {
  const { t } = useMessages();
  const { items, onItemClick } = usePreferenceItems();
  return { type: 'menu-dropdown', iconName: 'settings', text: t('preferences'), items, onItemClick };
}

function usePreferenceItems() {
  const { t } = useMessages();
  const { language, theme, zone, choose } = usePreferences();
  const item = (id: string, text: string, checked: boolean) => ({ id, text, itemType: 'checkbox' as const, checked });
  const items: ButtonDropdownProps.Items = [
    {
      text: t('preferences.language'),
      items: Object.entries(LANGUAGES).map(([id, { name }]) => item(id, name, id === language)),
    },
    {
      text: t('preferences.theme'),
      items: THEMES.map((id) => item(id, t(`preferences.theme.${id}`), id === theme)),
    },
    {
      text: t('preferences.zone'),
      items: ZONES.map((id) => item(id, t(`preferences.zone.${id}`), id === zone)),
    },
  ];
  const onItemClick = ({ detail: { id } }: { detail: { id: string } }) => {
    const pickedTheme = THEMES.find((one) => one === id);
    const pickedZone = ZONES.find((one) => one === id);
    if (isLanguage(id)) choose({ language: id });
    else if (pickedTheme !== undefined) choose({ theme: pickedTheme });
    else if (pickedZone !== undefined) choose({ zone: pickedZone });
  };
  return { items, onItemClick };
}

const THEMES = ['system', 'light', 'dark'] as const;
const ZONES = ['local', 'utc'] as const;
