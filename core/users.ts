/** A user as a token names them. */
export interface TokenUser {
  /** The name under which they sign in. An administrator can delete it and create it anew for another user. */
  readonly name: string;
  /** The subject: no two users ever have the same. */
  readonly subject: string;
}

/** The users of the stage, as its user pool knows them now. A token shows them as they were when it was made. */
export interface Users {
  /**
   * Returns the groups of a user, read now. None where the user is disabled, was deleted, or where another user has the name.
   *
   * @throws {Fault} when the user pool does not answer: then nothing is known of the user
   */
  groupsNow(user: TokenUser): Promise<readonly string[]>;
}
