/** A fault that its user can repair. Its message is one line that says what is wrong and what to do; no stack is shown. */
export class UserError extends Error {
  readonly code = 'user-error';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'UserError';
    this.exitCode = exitCode;
  }
}
