//! Room that those who work side by side share.

use std::sync::{
    Condvar, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// So much of something as may be taken, of bytes or whatever is counted.
///
/// Who works side by side takes it in the order of the moment. So whoever finds it used up gives everything up
/// ([`Room::leave`]) and works in order, each taking what is left: that gives the same every time.
#[derive(Debug)]
pub struct Room {
    most: u64,
    used: AtomicU64,
    short: AtomicBool,
}

impl Room {
    /// Room for so much.
    #[must_use]
    pub fn new(most: u64) -> Self {
        Self { most, used: AtomicU64::new(0), short: AtomicBool::new(false) }
    }

    /// Takes an amount, if it fits. What does not fit leaves its room to what is smaller and comes later.
    pub fn take(&self, amount: u64) -> bool {
        if self.used.fetch_add(amount, Ordering::Relaxed).saturating_add(amount) <= self.most {
            return true;
        }
        self.used.fetch_sub(amount, Ordering::Relaxed);
        self.short.store(true, Ordering::Relaxed);
        false
    }

    /// Whether so much more would not fit.
    #[must_use]
    pub fn is_too_small_for(&self, amount: u64) -> bool {
        self.used().saturating_add(amount) > self.most
    }

    /// Whether something has not fitted.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.short.load(Ordering::Relaxed)
    }

    /// How much is taken.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Gives back what was taken beyond `used`.
    pub fn leave(&self, used: u64) {
        self.used.store(used, Ordering::Relaxed);
    }
}

/// What takes much memory while it is worked on is let in by a few at a time, however many threads there are.
#[derive(Debug)]
pub struct Gate {
    free: Mutex<usize>,
    left: Condvar,
}

/// Being let in, until it is dropped.
pub struct Pass<'a>(&'a Gate);

impl Gate {
    /// For so many at a time.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { free: Mutex::new(most), left: Condvar::new() }
    }

    /// Waits until it is let in.
    pub fn enter(&self) -> Pass<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.left.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Pass(self)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{Gate, Room};

    #[test]
    fn what_is_smaller_still_fits() {
        let room = Room::new(10);
        assert!(room.take(6) && !room.is_short());
        assert!(!room.take(5) && room.is_short() && room.used() == 6);
        assert!(room.take(4) && !room.take(1));
        room.leave(6);
        assert!(room.take(4));
    }

    #[test]
    fn no_more_than_so_many_are_in() {
        let (gate, inside, most) = (Gate::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let _pass = gate.enter();
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert!((1..=2).contains(&most.into_inner()));
    }
}
