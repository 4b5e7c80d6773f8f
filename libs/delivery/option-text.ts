import { z } from 'zod';

/** A line of text in a channel's options. */
export const optionText = (most = 255) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(most, `must have at most ${most} characters`)
    .refine((value) => !/\p{Cc}/u.test(value) && value.isWellFormed(), 'must be one line of whole characters');
