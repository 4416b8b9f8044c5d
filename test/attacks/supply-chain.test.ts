import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { ensureVenv } from '../../local/venv.ts';
import { ROOT, resourcesOf, synthesize } from '../infra/synthesized.ts';

const folder = mkdtempSync(join(tmpdir(), 'onecharge-supply-'));
const mark = join(folder, 'the-attacker-ran');
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Packs files and prints the archive's hash: a wheel, or a source distribution whose own build back end runs code. */
const PACK = `
import hashlib, io, sys, tarfile, zipfile
target, backend = sys.argv[1], sys.argv[2]
if target.endswith('.whl'):
    info = 'probe-1.0.dist-info/'
    files = {
        'probe.py': 'REPLACED = True', info + 'RECORD': '',
        info + 'METADATA': 'Metadata-Version: 2.1\\nName: probe\\nVersion: 1.0\\n',
        info + 'WHEEL': 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
    }
    with zipfile.ZipFile(target, 'w') as archive:
        for name, text in files.items(): archive.writestr(name, text)
else:
    files = {
        'pyproject.toml': '[build-system]\\nrequires = []\\nbuild-backend = "backend"\\nbackend-path = ["."]\\n',
        'PKG-INFO': 'Metadata-Version: 2.1\\nName: probe\\nVersion: 1.0\\n', 'backend.py': backend,
    }
    with tarfile.open(target, 'w:gz') as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo('probe-1.0/' + name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
print(hashlib.sha256(open(target, 'rb').read()).hexdigest())
`;

/** A registry that has this file alone, and its hash. */
function publish(file: string): { readonly registry: string; readonly hash: string } {
  const registry = mkdtempSync(join(folder, 'registry-'));
  const backend = `open(${JSON.stringify(mark)}, 'w').close()\n`;
  const hash = execFileSync('python3', ['-c', PACK, join(registry, file), backend], { encoding: 'utf8' }).trim();
  return { registry, hash };
}

async function install(registry: string, requirement: string): Promise<string> {
  vi.stubEnv('PIP_NO_INDEX', '1');
  vi.stubEnv('PIP_FIND_LINKS', registry);
  const file = join(mkdtempSync(join(folder, 'asked-')), 'requirements.txt');
  writeFileSync(file, `${requirement}\n`);
  return ensureVenv({ name: 'the probe', file }, () => {});
}

/** An environment of Python takes seconds, and on a machine whose cores are all busy a minute. */
const SLOW = { timeout: 900_000 };
const WHEEL = 'probe-1.0-py3-none-any.whl';
const OTHER_HASH = 'a'.repeat(64);

describe('a package of Python', () => {
  it('S1: is not installed with other bytes than those that were pinned, nor without a pinned hash', SLOW, async () => {
    const { registry, hash } = publish(WHEEL);
    await expect(install(registry, `probe==1.0 --hash=sha256:${OTHER_HASH}`)).rejects.toThrow('could not be installed');
    await expect(install(registry, 'probe==1.0')).rejects.toThrow('could not be installed');
    const python = await install(registry, `probe==1.0 --hash=sha256:${hash}`);
    const venv = dirname(dirname(python));
    expect(execFileSync(python, ['-c', 'import probe; print(probe.REPLACED)'], { encoding: 'utf8' })).toBe('True\n');
    rmSync(venv, { recursive: true, force: true });
  });

  it('S2: runs no code while it is installed', SLOW, async () => {
    const { registry, hash } = publish('probe-1.0.tar.gz');
    await expect(install(registry, `probe==1.0 --hash=sha256:${hash}`)).rejects.toThrow('No matching distribution');
    expect(existsSync(mark)).toBe(false);
  });

  it.each(globSync('{local,test}/**/requirements.txt', { cwd: ROOT }))('S1: has a hash in each entry of %s', (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(' \\\n', ' ');
    const entries = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(entries.length).toBeGreaterThan(5);
    for (const entry of entries) expect(entry).toMatch(/^[\w.-]+==[\w.]+ .*--hash=sha256:[0-9a-f]{64}/);
  });
});

const lock = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.object({
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      inBundle: z.boolean().default(false),
      hasInstallScript: z.boolean().default(false),
    }),
  ),
});
const { packages } = lock.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
const { '': _project, ...installed } = packages;

describe('a package of npm', () => {
  it('S3: is not installed with other bytes than those that were locked', () => {
    // What a package brings inside its own archive is covered by the hash of that archive.
    const open = Object.entries(installed).filter(
      ([, { integrity, inBundle }]) => !inBundle && !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''),
    );
    expect(open.map(([path]) => path)).toEqual([]);
  });

  it('S3: comes from the configured registry and from nowhere else', () => {
    const elsewhere = Object.entries(installed).filter(([, { resolved }]) => resolved !== undefined);
    expect(elsewhere).toEqual([]);
  });

  it('S4: runs a script while it is installed only where package.json allows it', () => {
    const manifest = z
      .object({ allowScripts: z.record(z.string(), z.literal(true)) })
      .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
    const running = Object.entries(installed).flatMap(([path, { hasInstallScript }]) =>
      hasInstallScript ? [path.replace(/^.*node_modules\//, '')] : [],
    );
    expect(running.sort()).toEqual(Object.keys(manifest.allowScripts).sort());
  });
});

describe('a function', () => {
  it('S5: runs no code that the signing profile of the stage has not signed', () => {
    const template = synthesize('prod', { gateway: 'stripe', hardened: true });
    const [[id, config] = [], ...more] = resourcesOf(template, 'AWS::Lambda::CodeSigningConfig');
    expect(more).toEqual([]);
    expect(config?.Properties).toMatchObject({
      AllowedPublishers: { SigningProfileVersionArns: [expect.stringMatching(/^arn:aws:signer:.*\/onecharge\/\w+$/)] },
      CodeSigningPolicies: { UntrustedArtifactOnDeployment: 'Enforce' },
    });
    const unsigned = resourcesOf(template, 'AWS::Lambda::Function').filter(
      ([, { Properties }]) => JSON.stringify(Properties.CodeSigningConfigArn) !== JSON.stringify({ Ref: id }),
    );
    expect(unsigned.map(([name]) => name)).toEqual([]);
  });
});

describe('code within the functions that ask processors', () => {
  const template = synthesize('prod', { gateway: 'stripe', hardened: true });
  const properties = (type: string) => resourcesOf(template, type).map(([, resource]) => resource.Properties);
  const domainList = z.object({ Domains: z.array(z.unknown()) });
  const ruleGroup = z.object({
    FirewallRules: z.array(
      z.object({
        Priority: z.number(),
        Action: z.string(),
        FirewallDomainListId: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Id')]) }),
      }),
    ),
  });

  /** What the network answers to a name, by the rules of its firewall. */
  function answerTo(name: string): string {
    const [group] = properties('AWS::Route53Resolver::FirewallRuleGroup').map((one) => ruleGroup.parse(one));
    const rules = group?.FirewallRules.toSorted((one, other) => one.Priority - other.Priority) ?? [];
    const matching = rules.find(({ FirewallDomainListId }) => {
      const list = template.Resources[FirewallDomainListId['Fn::GetAtt'][0]];
      const domains = domainList
        .parse(list?.Properties)
        .Domains.map((one) =>
          typeof one === 'string' ? one : JSON.stringify(one).replace(/^.*\["([\w.-]+)\.",\{.*$/, '$1.amazonaws.com'),
        );
      return domains.some((domain) => domain === name || domain === '*');
    });
    return matching?.Action ?? 'ALLOW';
  }

  it('S6: reaches the configured processors by name, and no other host', () => {
    for (const name of ['api.stripe.com', 'dynamodb.us-east-1.amazonaws.com', 'kms.us-east-1.amazonaws.com']) {
      expect([name, answerTo(name)]).toEqual([name, 'ALLOW']);
    }
    const elsewhere = [
      'evil.example',
      'a.evil.example',
      'api.stripe.com.evil.example',
      'evil-api.stripe.com',
      'files.stripe.com',
    ];
    const services = ['s3.amazonaws.com', 'sqs.us-east-1.amazonaws.com', 'dynamodb.eu-west-1.amazonaws.com'];
    for (const name of [...elsewhere, ...services]) expect([name, answerTo(name)]).toEqual([name, 'BLOCK']);
    expect(properties('AWS::Route53Resolver::FirewallRuleGroupAssociation')).toHaveLength(
      properties('AWS::EC2::VPC').length,
    );
  });

  it('S6: sends by TLS ports alone, and takes no connection', () => {
    const groups = resourcesOf(template, 'AWS::EC2::SecurityGroup').filter(([id]) => id.includes('FunctionsGroup'));
    expect(groups.map(([, one]) => one.Properties)).toMatchObject([
      { SecurityGroupEgress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }] },
    ]);
    expect(groups[0]?.[1].Properties).not.toHaveProperty('SecurityGroupIngress');
    expect(properties('AWS::EC2::SecurityGroupIngress').map(({ GroupId }) => JSON.stringify(GroupId))).toEqual([
      expect.stringMatching('EndpointsGroup'),
    ]);
  });

  it('S7: carries nothing to tables, keys or secrets of another account by keys of its own', () => {
    const endpoints = properties('AWS::EC2::VPCEndpoint');
    expect(endpoints).toHaveLength(3);
    for (const { PolicyDocument } of endpoints) {
      const account = '000000000000';
      const Condition = { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } };
      expect(PolicyDocument).toMatchObject({ Statement: [{ Effect: 'Allow', Condition }] });
    }
  });
});
