import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configurationHashOf } from '../../adapters/crypto/configuration-hash.ts';
import { ROOT, synthesize } from './synthesized.ts';

it('the stack names the configuration that its functions read', () => {
  const text = readFileSync(join(ROOT, 'configuration', 'prod.json'), 'utf8');
  expect(synthesize('prod').Outputs.ConfigurationHash).toEqual({ Value: configurationHashOf(text) });
});
