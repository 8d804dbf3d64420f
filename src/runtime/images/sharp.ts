import { type Failure, failure, reasonOf } from '../../diagnostics/failure.js';

/** sharp, or why it does not load. It is imported on demand, because most commands need no image. */
export async function importSharp(): Promise<typeof import('sharp').default | Failure> {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    return failure('image-library-broken', { reason: reasonOf(error) });
  }
}
