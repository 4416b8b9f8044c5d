import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_DIR } from '../../cli/paths.ts';
import { ROLES, ROUTES } from '../../functions/api/operations.ts';
import { ensureVenv } from '../../local/venv.ts';
import { type Deployed, startDeployed } from './deployed.ts';
import { tokenOf } from './people.ts';
import { newStory } from './story.ts';

const run = promisify(execFile);
const FUZZER = { name: 'the fuzzer', file: join(import.meta.dirname, 'requirements.txt') };
/** In CI a few examples of each operation; in the full size also every edge of every parameter. */
const SIZE =
  process.env.ONECHARGE_FULL === '1'
    ? { phases: 'examples,coverage,fuzzing', examples: '100' }
    : { phases: 'examples,fuzzing', examples: '6' };
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
];
/** Below the limit of a test, so that what the fuzzer has said is shown. */
const FUZZ_MS_MAX = 1_500_000;
/** Above any answer of a machine whose cores are all busy. */
const ANSWER_S_MAX = 120;

interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** Stands before the deployed API on loopback: its own name is not known to every resolver. Keeps what was answered. */
interface Gateway {
  readonly url: string;
  readonly answered: readonly Answered[];
  stop(): void;
}

/** Every other id that the fuzzer makes up is put in place by one that there is, so that it sees more than absence. */
async function openGateway(apiUrl: string, ids: Readonly<Record<string, string>>): Promise<Gateway> {
  const { host, port } = new URL(apiUrl);
  const answered: Answered[] = [];
  const server: Server = createServer((asked, answer) => {
    const method = asked.method ?? '';
    const path = (asked.url ?? '/').replace(/^\/(cases|flags)\/[0-7][0-9a-f]{31}(?=\/|$)/, (whole, kind: string) =>
      ids[kind] === undefined ? whole : `/${kind}/${ids[kind]}`,
    );
    const headers = { ...asked.headers, host };
    const onward = request({ host: '127.0.0.1', port, method, path, headers }, (answers) => {
      answered.push({ method, path: path.split('?')[0] ?? '', status: answers.statusCode ?? 0 });
      answer.writeHead(answers.statusCode ?? 502, answers.headers);
      answers.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, answered, stop: () => server.close() };
}

let deployed: Deployed | undefined;
let python = '';
let ids: Record<string, string> = {};

beforeAll(async () => {
  python = await ensureVenv(FUZZER, () => {});
  deployed = await startDeployed();
  const story = newStory();
  const [one, two] = ['1', '2'].map((n) => story.charge(n, { order: `${story.order}_${n}` }));
  if (one === undefined || two === undefined) throw new Error('two charges');
  await deployed.capture(one, two);
  const flag = await deployed.untilFlag(two, 'held');
  ids = { cases: flag.caseId, flags: flag.id };
});

afterAll(() => deployed?.end());

/** Asks everything that the description describes, with one token or none. Answers what was answered. */
async function fuzz(role: (typeof ROLES)[number] | undefined): Promise<readonly Answered[]> {
  const { stack } = deployed!; // the stack is up before any test
  const gateway = await openGateway(stack.outputs.ApiUrl, ids);
  try {
    const token = role === undefined ? [] : ['-H', `Authorization: Bearer ${await tokenOf(stack, role)}`];
    const { phases, examples } = SIZE;
    const size = ['--phases', phases, '--max-examples', examples, '--no-shrink', '--continue-on-failure'];
    const patience = ['--request-timeout', String(ANSWER_S_MAX), '--suppress-health-check', 'too_slow'];
    const how = ['--checks', CHECKS.join(','), '--seed', '11', '--no-color', '--generation-database', 'none'];
    const args = [
      '-m',
      'schemathesis.cli',
      'run',
      `${gateway.url}/openapi.json`,
      ...token,
      ...size,
      ...how,
      ...patience,
    ];
    await run(python, args, { cwd: LOCAL_DIR, timeout: FUZZ_MS_MAX, maxBuffer: 64 * 1024 * 1024 }).catch((error) => {
      throw new Error(`the fuzzer found something:\n${String(error.stdout).slice(-20_000)}${error.stderr ?? ''}`);
    });
    return gateway.answered;
  } finally {
    gateway.stop();
  }
}

function operationOf({ method, path }: Answered) {
  const found = Object.values(ROUTES).find(
    (each) => each.method === method && new RegExp(`^${each.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return found?.role;
}

// The deployment is this file's own, and its one flag is held before the first run: the freezes of the admin, whose run is
// the last, stop no refund that a test waits for.
describe('the deployed API', () => {
  const tokens = [
    { token: 'no token', role: undefined },
    ...ROLES.map((role) => ({ token: `a ${role}’s token`, role })),
  ];

  it.each(tokens)('answers as described, whatever is asked, and gives nobody with $token more', async ({ role }) => {
    const answered = await fuzz(role);
    expect(answered.length).toBeGreaterThan(Object.keys(ROUTES).length);
    const roles: readonly string[] = role === undefined ? [] : ROLES.slice(0, ROLES.indexOf(role) + 1);
    const may = (needed = '') => needed === 'public' || roles.includes(needed);
    const beyond = answered.filter((each) => operationOf(each) !== undefined && !may(operationOf(each)));
    expect(beyond.filter(({ status }) => status !== 401 && status !== 403)).toEqual([]);
    expect(answered.filter(({ status }) => status >= 500)).toEqual([]);
    // It did get in: what needs no id was answered.
    const seen = new Set(answered.filter(({ status }) => status === 200).map(({ path }) => path));
    const open = role === undefined ? [] : ['/cases', '/incidents', '/overview', '/statistics', '/settings'];
    expect([...seen]).toEqual(expect.arrayContaining(['/openapi.json', ...open]));
  });
});
