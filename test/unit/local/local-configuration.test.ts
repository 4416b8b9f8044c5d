import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configurationFile } from '../../../cli/stage-configuration.ts';
import { checkedInConfiguration, configurationFor } from '../../../local/local-configuration.ts';
import { WALLET } from '../../fixtures/charges.ts';
import { wireEvent } from '../../fixtures/wire-events.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecharge-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(sources: readonly string[]) {
  const file = join(folder, `${sources.length}.ndjson`);
  writeFileSync(file, sources.map((source) => `${JSON.stringify(wireEvent({ source }))}\n`).join(''));
  return { file };
}

describe('the configuration of a local run', () => {
  it('is the one that is checked in where it knows every source of the file', async () => {
    expect((await configurationFor(fileOf([WALLET]))).text).toBe(checkedInConfiguration().text);
  });

  it('registers the sources that it lacks, together, and leaves all others as they are', async () => {
    const { configuration, added } = await configurationFor(fileOf([WALLET, '/mine/a', '/mine/b', '/mine/a']));
    expect(added).toEqual(['/mine/a', '/mine/b']);
    expect(configuration.namespaceOf('/mine/a')).toBe(configuration.namespaceOf('/mine/b'));
    expect(configuration.namespaceOf('/mine/a')).not.toBe(configuration.namespaceOf(WALLET));
    expect(configuration.sourceOf('/mine/a')).toMatchObject({ gateway: { kind: 'sandbox' }, merchants: 'all' });
    expect(configuration.sourceOf(WALLET)).toEqual(checkedInConfiguration().configuration.sourceOf(WALLET));
    expect(configuration.detectorsFor({ source: '/mine/a', merchant: 'm' }).map(({ action }) => action)).toEqual(
      checkedInConfiguration().configuration.detectors.map(({ action }) => action),
    );
  });

  it('lets them attest what the caller says, and nothing by default', async () => {
    const file = fileOf([WALLET, '/mine/a']);
    const attestsOf = async (attested?: boolean) =>
      (await configurationFor(file, { attested })).configuration.sourceOf('/mine/a')?.attests.size;
    expect([await attestsOf(), await attestsOf(true)]).toEqual([0, 3]);
  });

  it('does not register a name that no registry can hold', async () => {
    expect((await configurationFor(fileOf(['__proto__', '/mine/a', ' ']))).configuration.sourceOf('__proto__')).toBe(
      undefined,
    );
  });

  it('is the one beside the file, which registers nothing more', async () => {
    const file = fileOf([WALLET, '/mine/a', '/mine/b', '/mine/c']);
    const beside = join(folder, '4.configuration.json');
    const { sources, ...rest } = JSON.parse(checkedInConfiguration().text);
    writeFileSync(beside, JSON.stringify({ ...rest, sources: { '/mine/a': sources[WALLET] } }));
    const { configuration, added } = await configurationFor(file);
    expect(added).toEqual([]);
    expect([WALLET, '/mine/a'].map((id) => configuration.sourceOf(id) !== undefined)).toEqual([false, true]);
    await expect(configurationFor(file, { attested: true })).rejects.toThrow(/leave --attested out/);
  });

  it('is the one that the caller names', async () => {
    const config = configurationFile('prod');
    const { text } = await configurationFor(fileOf([WALLET]), { config });
    expect(text).toBe(readFileSync(config, 'utf8'));
  });

  it.each([
    ['that does not exist', undefined, /none\.json cannot be used; .*ENOENT/],
    ['that is no JSON', '{', /none\.json cannot be used; name a file/],
    ['that is invalid', '{}', /none\.json: /],
  ])('refuses a named file %s by its name', async (_, text, message) => {
    const config = join(folder, 'none.json');
    if (text !== undefined) writeFileSync(config, text);
    await expect(configurationFor(fileOf([WALLET]), { config })).rejects.toThrow(message);
  });

  it('refuses a file of more sources than a registry should have', async () => {
    const many = Array.from({ length: 101 }, (_, at) => `/terminal/${at}`);
    await expect(configurationFor(fileOf(many))).rejects.toThrow(/names 101 sources .* more than 100/);
  });
});
