import { expect, it } from 'vitest';
import { mayAct, personOf } from '../../../console/session/person.ts';

it.each([
  { groups: ['viewer', 'approver'], role: 'approver' },
  { groups: ['admin', 'viewer'], role: 'admin' },
  { groups: ['viewer'], role: 'viewer' },
  { groups: ['cleaners'], role: undefined },
  { groups: undefined, role: undefined },
])('somebody in $groups is $role', ({ groups, role }) => {
  expect(personOf({ sub: 's', username: 'ada', 'cognito:groups': groups })).toEqual({
    subject: 's',
    name: 'ada',
    role,
  });
});

it.each([
  { role: 'admin', needed: 'approver', may: true },
  { role: 'approver', needed: 'approver', may: true },
  { role: 'viewer', needed: 'approver', may: false },
  { role: undefined, needed: 'viewer', may: false },
] as const)('$role may do what needs $needed: $may', ({ role, needed, may }) => {
  expect(mayAct({ subject: 's', name: 'ada', role }, needed)).toBe(may);
});
