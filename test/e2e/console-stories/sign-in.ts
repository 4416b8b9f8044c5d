import { expect, test } from 'vitest';
import * as z from 'zod';
import { expectAccessible, screenshot } from '../browser.ts';
import { eventually } from '../eventually.ts';
import { bearer, cognito, createUser, namedToken, tokensOf } from '../people.ts';
import { type ConsoleWorld, captureCase, captureHeld, openCaseOf } from './console-world.ts';

/** Evaluates to the names under which the browser keeps tokens, in any store. */
const TOKEN_NAMES = '[sessionStorage, localStorage].flatMap(Object.keys).filter((name) => /token/i.test(name))';

export function signInStories(world: () => ConsoleWorld): void {
  test('refuses a wrong password and says so', async () => {
    await world().visit(async (page) => {
      await page.goto('/');
      await page.getByLabel('Name', { exact: true }).fill('ada');
      await page.getByLabel('Password', { exact: true }).fill('wrong-Password-1');
      await page.keyboard.press('Enter');
      await page.getByText('Name or password is wrong.').waitFor();
      await expectAccessible(page, 'sign-in');
      await screenshot(page, 'sign-in');
    });
  });

  test('offers a viewer nothing to decide', async () => {
    const story = await captureHeld(world(), 4_200);
    await world().signedIn([await newViewer(world())], async (page) => {
      await openCaseOf(page, story);
      await page.getByText('This refund waits').waitFor();
      expect(await page.getByRole('button', { name: /^(Approve|Keep)/ }).count()).toBe(0);
    });
  });

  test('signs a user out whom the API no longer knows, and leaves no token behind', async () => {
    const story = await captureCase(world());
    await world().signedIn([await newViewer(world())], async (page) => {
      await openCaseOf(page, story);
      await page.getByText(story.merchant).first().waitFor();
      const tokens = async () => z.array(z.string()).parse(await page.evaluate(TOKEN_NAMES));
      expect(await tokens()).not.toEqual([]);
      await page.route('**/api/**', (route) => route.fulfill({ status: 401, json: { message: 'Unauthorized' } }));
      await page.getByText('You have been signed out.').waitFor();
      await eventually('no token is left', async () => (await tokens()).length === 0 || undefined);
      expect(await page.getByText(story.merchant).count()).toBe(0);
    });
  });

  test('signs a user out who has not acted for 15 minutes, and leaves no token behind', async () => {
    await world().signedIn([await newViewer(world())], async (page) => {
      // As if the last act were long ago.
      await page.evaluate("sessionStorage.setItem('onecharge.lastActMs', '0')");
      await page.getByText('You were signed out after 15 minutes').waitFor();
      const tokens = async () => z.array(z.string()).parse(await page.evaluate(TOKEN_NAMES));
      await eventually('no token is left', async () => (await tokens()).length === 0 || undefined);
      await expectAccessible(page, 'sign-in after an idle end');
    });
  });

  test('lets a user act no longer who was taken out of the group, or disabled', async () => {
    const { stack } = world().deployed;
    const UserPoolId = stack.outputs.UserPoolId;
    const { name: Username, access } = await namedToken(stack, 'approver');
    const approve = () => bearer(stack, access).post(`/flags/${'0'.repeat(32)}/approve`, { reason: 'it is right' });
    const member = { UserPoolId, Username, GroupName: 'approver' };
    expect(await approve()).toMatchObject({ status: 404, body: { code: 'flag-not-found' } });
    await cognito(stack, 'AdminRemoveUserFromGroup', member);
    expect(await approve()).toMatchObject({ status: 403, body: { code: 'role-needed' } });
    await cognito(stack, 'AdminAddUserToGroup', member);
    expect(await approve()).toMatchObject({ status: 404 });
    await cognito(stack, 'AdminDisableUser', { UserPoolId, Username });
    expect(await approve()).toMatchObject({ status: 403, body: { code: 'role-needed' } });
  });

  test('takes a role from the access token, and nothing from an ID token', async () => {
    const { stack } = world().deployed;
    const { access, id } = await tokensOf(stack, 'viewer');
    expect(await bearer(stack, access).get('/cases?limit=1')).toMatchObject({ status: 200 });
    expect(await bearer(stack, id).get('/cases?limit=1')).toMatchObject({
      status: 401,
      body: { code: 'subject-missing' },
    });
  });
}

function newViewer({ deployed }: ConsoleWorld) {
  const { stack } = deployed;
  return createUser({ emulator: stack, userPoolId: stack.outputs.UserPoolId }, 'viewer');
}
