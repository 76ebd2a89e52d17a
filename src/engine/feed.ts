import { Observable, type Observer, Subject, Subscriber, type Subscription } from 'rxjs';

/**
 * An observable whose subscribers cannot harm each other: what one throws is reported, the others get the same value, and
 * so does the thrower the next time. RxJS alone would throw it again from a timer, which ends a process. A subscriber
 * behind operators (`feed.pipe(...)`) is out of reach here: RxJS's own rule holds for it.
 */
export class Feed<T> extends Observable<T> {
  readonly #subject: Subject<T>;
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    const subject = new Subject<T>();
    super((subscriber) => subject.subscribe(subscriber));
    this.#subject = subject;
    this.#report = report;
  }

  /** Tells all subscribers. Never throws. */
  emit(value: T): void {
    this.#subject.next(value);
  }

  /** Ends the feed: subscribers complete, later ones complete at once. */
  close(): void {
    this.#subject.complete();
  }

  override subscribe(
    observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (observerOrNext instanceof Subscriber) return super.subscribe(observerOrNext);
    const observer: Partial<Observer<T>> =
      typeof observerOrNext === 'function' || observerOrNext == null
        ? { ...(observerOrNext && { next: observerOrNext }), ...(error && { error }), ...(complete && { complete }) }
        : observerOrNext;
    return super.subscribe({
      next: (value) => this.#shield(() => observer.next?.(value)),
      error: (reason) => this.#shield(() => observer.error?.(reason)),
      complete: () => this.#shield(() => observer.complete?.()),
    });
  }

  #shield(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#report(error);
    }
  }
}
