/** Where a page was put, and what proves that it is the one received. */
export interface StoredPage {
  path: string;
  /** Hex SHA-256 of the page as received, before compression. */
  sha256: string;
  /** Size as received. */
  bytes: number;
  /** Size as stored. */
  storedBytes: number;
}

/** Keeps answers exactly as received, for ever: a path is written once and never changes. */
export interface RawStore {
  /**
   * Stores the page (gzipped) under `path` in one step: it is there as a whole or not at all. Writing the same page to
   * the same path again changes nothing; a different page throws `InvariantError`.
   */
  write(path: string, page: Uint8Array): Promise<StoredPage>;
  /** The page as it was received; null when there is none. */
  read(path: string): Promise<Uint8Array | null>;
}
