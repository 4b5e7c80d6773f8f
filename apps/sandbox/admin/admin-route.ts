/** A command with its parsed parts. */
interface AdminRequest {
  readonly body: unknown;
  readonly query: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
}

/** One admin command; what it returns is the JSON answer, nothing means `{"ok":true}`. */
export interface AdminRoute {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handle: (request: AdminRequest) => object | void | Promise<object | void>;
}
