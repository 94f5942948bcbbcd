//! Threads for what needs no order, and a bound on the bytes that are under way at once.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A piece of work.
type Job = Box<dyn FnOnce() + Send>;

/// Work that waits for a thread.
#[derive(Default)]
pub(super) struct Pool {
    jobs: Mutex<Jobs>,
    changed: Condvar,
}

#[derive(Default)]
struct Jobs {
    /// What ends the way of some bytes: it comes first, so that their memory is free again soon.
    urgent: VecDeque<Job>,
    other: VecDeque<Job>,
    closed: bool,
}

/// A result that a thread of the pool is working on.
pub(super) struct Later<T>(Receiver<T>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded here is whole at every moment, whoever panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    /// Works until the pool is closed.
    pub(super) fn work(&self) {
        while let Some(job) = self.next() {
            job();
        }
    }

    fn next(&self) -> Option<Job> {
        let mut jobs = lock(&self.jobs);
        loop {
            if jobs.closed {
                return None;
            }
            if let Some(job) = jobs.urgent.pop_front().or_else(|| jobs.other.pop_front()) {
                return Some(job);
            }
            jobs = self
                .changed
                .wait(jobs)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Begins a piece of work that others will wait for.
    pub(super) fn begin<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Later<T> {
        let (done, later) = promise();
        self.put(|jobs| &mut jobs.other, move || drop(done.send(work())));
        later
    }

    /// The same for the last piece of work on some bytes.
    pub(super) fn end<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Later<T> {
        let (done, later) = promise();
        self.put(|jobs| &mut jobs.urgent, move || drop(done.send(work())));
        later
    }

    fn put(&self, line: fn(&mut Jobs) -> &mut VecDeque<Job>, job: impl FnOnce() + Send + 'static) {
        line(&mut lock(&self.jobs)).push_back(Box::new(job));
        self.changed.notify_one();
    }

    /// Ends the threads; what waits is not done any more.
    pub(super) fn close(&self) {
        let mut jobs = lock(&self.jobs);
        jobs.closed = true;
        let left = [
            std::mem::take(&mut jobs.urgent),
            std::mem::take(&mut jobs.other),
        ];
        drop(jobs);
        // What was promised there is let go of, too, and must find the lock free.
        drop(left);
        self.changed.notify_all();
    }
}

fn promise<T>() -> (SyncSender<T>, Later<T>) {
    let (done, later) = mpsc::sync_channel(1);
    (done, Later(later))
}

impl<T> Later<T> {
    /// Waits for the result.
    ///
    /// # Panics
    /// If the thread that worked on it did.
    pub(super) fn get(&self) -> T {
        self.0.recv().expect("the work on it has panicked")
    }

    /// The result, if it is there.
    pub(super) fn try_get(&self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

/// How many bytes may be under way.
pub(super) struct Budget {
    max: usize,
    used: Mutex<Used>,
    freed: Condvar,
}

#[derive(Default)]
struct Used {
    bytes: usize,
    closed: bool,
    /// Buffers that somebody is done with: memory that is new costs more than what is read into it.
    buffers: Vec<Vec<u8>>,
}

/// Bytes that are under way, until this is dropped.
pub(super) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            max,
            used: Mutex::default(),
            freed: Condvar::new(),
        })
    }

    /// Waits until there is room for so many bytes; what is larger than the whole budget goes alone.
    /// None once the budget is closed.
    pub(super) fn take(self: &Arc<Self>, bytes: usize) -> Option<Share> {
        let mut used = lock(&self.used);
        while !used.closed && used.bytes > 0 && used.bytes.saturating_add(bytes) > self.max {
            used = self
                .freed
                .wait(used)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if used.closed {
            return None;
        }
        used.bytes = used.bytes.saturating_add(bytes);
        drop(used);
        let budget = Arc::clone(self);
        Some(Share { budget, bytes })
    }

    /// An empty buffer, used before if there is one.
    pub(super) fn buffer(&self) -> Vec<u8> {
        lock(&self.used).buffers.pop().unwrap_or_default()
    }

    /// Lets nothing in any more.
    pub(super) fn close(&self) {
        lock(&self.used).closed = true;
        self.freed.notify_all();
    }
}

impl Share {
    /// Ends the way of the bytes that are in a buffer.
    pub(super) fn done(self, mut buffer: Vec<u8>) {
        // One that is much larger than what it was for is let go of.
        let fits = buffer.capacity() <= buffer.len().saturating_mul(2);
        buffer.clear();
        if fits {
            lock(&self.budget.used).buffers.push(buffer);
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut used = lock(&self.budget.used);
        used.bytes = used.bytes.saturating_sub(self.bytes);
        drop(used);
        self.budget.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_by_any_thread_and_what_ends_comes_first() {
        let pool = Pool::default();
        let order = Arc::new(Mutex::new(Vec::new()));
        let note = |what: &'static str| {
            let order = Arc::clone(&order);
            move || lock(&order).push(what)
        };
        let begun = [pool.begin(note("a")), pool.begin(note("b"))];
        let ended = pool.end(note("z"));
        std::thread::scope(|scope| {
            scope.spawn(|| pool.work());
            begun.iter().for_each(Later::get);
            ended.get();
            pool.close();
        });
        assert_eq!(*lock(&order), ["z", "a", "b"]);
        // Closed, it does nothing any more.
        pool.work();
        assert!(pool.begin(|| ()).try_get().is_none());
    }

    #[test]
    fn no_more_bytes_are_under_way_than_there_is_room_for() {
        let budget = Budget::new(10);
        let small: Vec<Share> = (0..3).filter_map(|_| budget.take(3)).collect();
        let waits = std::thread::scope(|scope| {
            let next = scope.spawn(|| budget.take(3).map(|share| share.bytes));
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!next.is_finished());
            drop(small);
            next.join().unwrap()
        });
        assert_eq!(waits, Some(3));
        // What was read into is read into again.
        assert_eq!(budget.buffer().capacity(), 0);
        budget.take(9).unwrap().done(vec![1; 9]);
        let again = budget.buffer();
        assert_eq!((again.len(), again.capacity()), (0, 9));
        let mut large = Vec::with_capacity(90);
        large.push(1);
        budget.take(9).unwrap().done(large);
        assert_eq!(budget.buffer().capacity(), 0);
        // What is larger than all of it goes alone.
        let large = budget.take(50).unwrap();
        std::thread::scope(|scope| {
            let next = scope.spawn(|| budget.take(1).is_some());
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!next.is_finished());
            budget.close();
            assert!(!next.join().unwrap());
        });
        drop(large);
    }
}
