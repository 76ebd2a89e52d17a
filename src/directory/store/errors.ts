import { OffhookError } from '../../domain/error.ts';
import type { CommitTerms, GenerationState } from './port.ts';

/** There is none of this name: of another tenant's, nothing is said. */
export function notFound(what: string, name: string): OffhookError {
  return new OffhookError('directory.not-found', `There is no ${what} ${name}.`);
}

/** Something of this name is there already, or in use. */
export function conflict(message: string, remedy?: string): OffhookError {
  return new OffhookError('directory.conflict', message, remedy === undefined ? {} : { remedy });
}

/** The generation takes nothing any more. */
export function notFilling(id: string, state: string): OffhookError {
  return new OffhookError('directory.not-filling', `The generation ${id} is ${state}.`, { remedy: 'Begin a new one.' });
}

/** The chunk is there, and is another. */
export function chunkDiffers(number: number): OffhookError {
  return new OffhookError('directory.chunk-differs', `Chunk ${number} was sent before with other contents.`, {
    field: 'number',
    remedy: 'Begin a new generation.',
  });
}

/** Checks that a generation has its chunks, and no others. @throws OffhookError `directory.chunk-missing` */
export function checkChunks({ chunks }: Pick<GenerationState, 'chunks'>, terms: CommitTerms): void {
  for (let number = 0; number < terms.chunks; number++) {
    if (chunks[number] !== number)
      throw new OffhookError('directory.chunk-missing', `Chunk ${number} of ${terms.chunks} is missing.`, {
        field: 'chunks',
        remedy: 'Send it, then commit again.',
      });
  }
  if (chunks.length > terms.chunks)
    throw new OffhookError('directory.chunk-missing', `There are ${chunks.length} chunks, not ${terms.chunks}.`, {
      field: 'chunks',
      remedy: 'Count them again, or begin a new generation.',
    });
}

/** Checks that a source does not lose more than it may. @throws OffhookError `directory.would-shrink` */
export function checkShrink(before: number, after: number, maxShrink: number): void {
  if (after >= before || (before - after) / before <= maxShrink) return;
  throw new OffhookError('directory.would-shrink', `The source would have ${after} contacts instead of ${before}.`, {
    field: 'maxShrink',
    remedy: 'Look whether the export is whole; if it is, confirm the commit.',
  });
}
