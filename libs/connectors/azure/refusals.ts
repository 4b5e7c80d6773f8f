import { SourceRejectedError } from '#core/errors.js';

/** The answer would be, or is, larger than can be served or held: ask for less at a time. */
export class ResponseTooLargeError extends SourceRejectedError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'Nothing to do: smaller pages are asked for. If it persists, restrict the subscriptions.', options);
  }
}

/** Cost Management refuses the combination, or one, of the dimensions asked for: ask for coarser rows. */
export class GroupingRefusedError extends SourceRejectedError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'Nothing to do: costs are read with fewer dimensions.', options);
  }
}

/** Monitor does not know a metric for these resources, and then refuses the whole question: ask without it. */
export class MetricRefusedError extends SourceRejectedError {
  constructor(
    readonly metric: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, 'Nothing to do: the other metrics are read.', options);
  }
}
