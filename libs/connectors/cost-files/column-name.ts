/** `Ressourcengruppe (ResourceGroup)`: localised files of the portal name such columns in both languages. */
const WITH_ENGLISH_NAME = /^.+ \(([A-Za-z]+)\)$/;

/** The name of a column, in lower case and as Azure's documents have it, whatever the language of the file. */
export function columnName(written: string): string {
  const name = written.trim();
  return (WITH_ENGLISH_NAME.exec(name)?.[1] ?? name).toLowerCase();
}
