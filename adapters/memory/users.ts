import type { TokenUser, Users } from '../../core/users.ts';

interface MemoryUser extends TokenUser {
  readonly groups: readonly string[];
  readonly isEnabled: boolean;
}

export interface MemoryUsers extends Users {
  putUser(user: MemoryUser): void;
  deleteUser(name: string): void;
}

/** A user pool in memory: one user under each name. */
export function createMemoryUsers(): MemoryUsers {
  const users = new Map<string, MemoryUser>();
  return {
    async groupsNow({ name, subject }) {
      const user = users.get(name);
      return user?.isEnabled === true && user.subject === subject ? user.groups : [];
    },
    putUser(user) {
      users.set(user.name, user);
    },
    deleteUser(name) {
      users.delete(name);
    },
  };
}
