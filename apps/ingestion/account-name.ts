import { userInfo } from 'node:os';

/** Who runs a command, for the audit log. In a container the account often has a number and no name. */
export function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
