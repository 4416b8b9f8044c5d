import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configurationHashOf } from '../../../adapters/crypto/configuration-hash.ts';
import { configurationFile, readDeployedConfiguration } from '../../../cli/stage-configuration.ts';

describe('the configuration of a stage', () => {
  it('is the checkout’s where that is what the stage runs', () => {
    const ConfigurationHash = configurationHashOf(readFileSync(configurationFile('prod'), 'utf8'));
    const { sourceOf } = readDeployedConfiguration('prod', { ConfigurationHash });
    expect(sourceOf('/processors/wallet')).toBeDefined();
  });

  it('is refused where the stage runs another one', () => {
    expect(() => readDeployedConfiguration('prod', { ConfigurationHash: '0123' })).toThrow(
      /^configuration\/prod\.json is not what the stage prod runs \(0123\).* Deploy it, or check out what is deployed\.$/,
    );
  });
});
