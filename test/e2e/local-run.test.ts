import { once } from 'node:events';
import { createServer } from 'node:http';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type BareEmulator, startBareEmulator } from '../fixtures/bare-emulator.ts';
import { openBrowser, openDesk } from './browser.ts';

let emulator: BareEmulator;
let browser: Browser;
const site = createServer((_asked, answer) => {
  answer.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>another site</title>');
});
let url = '';

beforeAll(async () => {
  [emulator, browser] = await Promise.all([startBareEmulator(), openBrowser()]);
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const address = site.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});

afterAll(async () => {
  site.close();
  await browser?.close();
  await emulator?.end();
});

/** Evaluates to what a page may read of an answer: its status and text, or that the browser refused. */
function fetched(path: string, options: object): string {
  const address = JSON.stringify(emulator.endpoint + path);
  return `fetch(${address}, ${JSON.stringify(options)}).then(
    async (answer) => answer.status + ' ' + (await answer.text()), () => 'refused by the browser')`;
}

const CODE = JSON.stringify({ FunctionName: 'evil', Runtime: 'nodejs24.x', Role: 'arn:aws:iam::000000000000:role/x' });
const json = { 'content-type': 'application/json' };
const target = { 'x-amz-target': 'DynamoDB_20120810.ListTables' };

describe('a page of another origin, in a browser', () => {
  test.for([
    { act: 'creates a function', path: '/2015-03-31/functions', init: { method: 'POST', headers: json, body: CODE } },
    {
      act: 'creates a function without a preflight',
      path: '/2015-03-31/functions',
      init: { method: 'POST', body: CODE },
    },
    { act: 'invokes a function', path: '/2015-03-31/functions/evil/invocations', init: { method: 'POST', body: '{}' } },
    { act: 'lists tables', path: '/', init: { method: 'POST', headers: target, body: '{}' } },
    { act: 'lists functions', path: '/2015-03-31/functions', init: {} },
    { act: 'reads the health', path: '/_localstack/health', init: {} },
    { act: 'makes a bucket', path: '/evil', init: { method: 'PUT' } },
  ])('L1: $act', async ({ path, init }) => {
    const desk = await openDesk(browser, url);
    await desk.page.goto('/');
    expect(z.string().parse(await desk.page.evaluate(fetched(path, init)))).toBe('refused by the browser');
    // Sent all the same, where the browser sends without asking.
    const blind = fetched(path, { ...init, mode: 'no-cors' });
    expect(z.string().parse(await desk.page.evaluate(blind))).toMatch(/^(0 |refused by the browser)/);
    await desk.close();
  });

  test.for([
    ['post', '/2015-03-31/functions'],
    ['post', '/_ministack/reset'],
    ['get', '/'],
  ])('L2: sends a form by %s to %s', async ([method, path]) => {
    const desk = await openDesk(browser, url);
    await desk.page.goto('/');
    const form = `<form id="f" method="${method}" action="${emulator.endpoint}${path}"><input name="Action" value="ListUsers">`;
    const [answer] = await Promise.all([
      desk.page.waitForResponse((response) => response.url().startsWith(emulator.endpoint)),
      desk.page.evaluate(`document.body.innerHTML = ${JSON.stringify(form)}; document.getElementById('f').submit()`),
    ]);
    expect(answer.status()).toBe(403);
    await desk.close();
  });

  test('L4: has changed nothing and read nothing', async () => {
    const { dynamo, lambda, s3 } = emulator.aws;
    expect((await lambda.send(new ListFunctionsCommand({}))).Functions).toEqual([]);
    expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
    expect((await dynamo.send(new ListTablesCommand({}))).TableNames).toEqual([]);
  });
});
