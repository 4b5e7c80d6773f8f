import { StandardSchemaValidationPipe } from '@nestjs/common';
import { InvalidInputError, type FieldProblem } from '#core/errors.js';

/** A body of a megabyte can be wrong in a hundred thousand places. */
const SHOWN_MISTAKES = 50;

type Issue = { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[]; keys?: string[] };

/** Validates body, query and path with the schema that stands at the parameter; every mistake is named at once. */
export const validationPipe = new StandardSchemaValidationPipe({
  exceptionFactory: (issues) => {
    const all = (issues as readonly Issue[]).flatMap(fieldProblems);
    const fields = all.slice(0, SHOWN_MISTAKES);
    return new InvalidInputError(
      fields.length === 1 ? `${fields[0]!.field} ${fields[0]!.message}.` : `The request has ${all.length} mistakes.`,
      fields,
    );
  },
});

function fieldProblems(issue: Issue): FieldProblem[] {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  // zod reports all unknown members of one object as one issue.
  if (issue.keys) return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: 'is not known here' }));
  return [{ field: path.join('.') || 'body', message: issue.message }];
}
