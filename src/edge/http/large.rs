//! Answers of many questions at once in memory: small ones as they come, of large ones two at a time, so that servers which
//! send as much as they may cannot fill it.

use super::kept::Kept;
use std::io;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// From so many bytes on an answer is large.
const LARGE: usize = 8 << 20;
/// Large answers at a time.
const AT_A_TIME: usize = 2;

/// Room for large answers.
pub struct Room {
    free: Mutex<usize>,
    news: Condvar,
}

impl Room {
    pub fn new() -> Room {
        Room { free: Mutex::new(AT_A_TIME), news: Condvar::new() }
    }

    /// Whether there was room before the time was over.
    fn enter(&self, end: Instant) -> bool {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            free = self
                .news
                .wait_timeout(free, left.max(Duration::from_millis(1)))
                .map_or_else(|error| error.into_inner().0, |(free, _)| free);
        }
        *free -= 1;
        true
    }

    fn leave(&self) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.news.notify_one();
    }
}

/// An answer that asks for room once it is large, and gives it back when it goes.
pub struct Roomed<'r> {
    pub bytes: Vec<u8>,
    room: &'r Room,
    end: Instant,
    has_room: bool,
}

impl<'r> Roomed<'r> {
    pub fn new(room: &'r Room, end: Instant) -> Roomed<'r> {
        Roomed { bytes: Vec::new(), room, end, has_room: false }
    }
}

impl Drop for Roomed<'_> {
    fn drop(&mut self) {
        if self.has_room {
            self.room.leave();
        }
    }
}

impl Kept for Roomed<'_> {
    fn held(&self) -> Option<(u64, &str)> {
        None
    }

    fn begin(&mut self, _: bool, _: Option<&str>) -> io::Result<()> {
        self.bytes.clear();
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.bytes.len() + bytes.len() > LARGE && !self.has_room {
            self.has_room = self.room.enter(self.end);
            if !self.has_room {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "too many large answers came at once"));
            }
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }
}
