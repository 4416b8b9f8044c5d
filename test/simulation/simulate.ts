import { parseArgs } from 'node:util';
import { ATTACKERS } from './settings.ts';
import { simulate } from './simulation.ts';

/**
 * `npm run simulate -- --seed N --events M [--seeds K] [--attacker WHO] [--trace TEXT]`: plays K nights from seed N on; a broken
 * promise ends it. With an attacker, each night lets one in. With a text, every line of what happened that holds it is printed.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    events: { type: 'string', default: '40' },
    seeds: { type: 'string', default: '1' },
    attacker: { type: 'string' },
    trace: { type: 'string' },
  },
});
const [first, events, count] = [values.seed, values.events, values.seeds].map(Number);
if (
  first === undefined ||
  events === undefined ||
  count === undefined ||
  ![first, events, count].every(Number.isInteger)
) {
  console.error('--seed, --events and --seeds take whole numbers');
  process.exit(2);
}
const attacker = ATTACKERS.find((each) => each === values.attacker);
if (values.attacker !== undefined && attacker === undefined) {
  console.error(`--attacker takes ${ATTACKERS.join(', ')}`);
  process.exit(2);
}
const { trace: text } = values;
const trace = text === undefined ? {} : { trace: (line: string) => line.includes(text) && console.log(line) };
const who = attacker === undefined ? '' : ` --attacker ${attacker}`;
const [startedMs, totals] = [performance.now(), new Map<string, number>()];
let [steps, worstMinor] = [0, 0];
for (let seed = first; seed < first + count; seed++) {
  const night = await simulate({ seed, events, attacker, ...trace });
  steps += night.steps;
  worstMinor = Math.max(worstMinor, night.worstHourMinor);
  for (const [status, flags] of Object.entries(night.flags)) totals.set(status, (totals.get(status) ?? 0) + flags);
  if (night.broken !== undefined) {
    console.error(
      `${night.broken.message}\nIt happens again with: npm run simulate -- --seed ${seed} --events ${events}${who}`,
    );
    process.exit(1);
  }
}
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
const flags = [...totals].map(([status, number]) => `${number} ${status}`).join(', ');
console.log(
  `${count} seeds from ${first} on, ${steps} steps in ${seconds} s, every promise kept. Flags: ${flags || 'none'}. Most refunded in an hour: ${worstMinor}.`,
);
