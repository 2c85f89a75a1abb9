//! Hundreds of questions at several servers. Each server is asked by a bounded number of connections, at the pace that
//! it wants; one that fails holds nobody else up, and after a few failures in a row is left alone. What is not answered
//! when the time is over is an error like any other: nothing waits for ever.

use super::large::{Room, Roomed};
use super::{Fault, Http, HttpError, retry};
use crate::model::Address;
use crate::model::request::{Answer, Request};
use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How a server is treated.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Connections to one server at most.
    pub per_host: usize,
    /// For everything together.
    pub deadline: Duration,
    /// Failures in a row after which a server is given up.
    pub failures: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Terms { per_host: 24, deadline: Duration::from_secs(60), failures: 6 }
    }
}

/// Connections to all servers together at most.
const MOST_THREADS: usize = 128;

/// What becomes of an answer, on the thread that it came to.
pub type Taken<'t, T> = &'t (dyn Fn(usize, Result<Answer<Vec<u8>>, HttpError>) -> T + Sync);

impl Http {
    /// Asks everything and returns what `taken` makes of each answer, in the order of the questions.
    pub fn fetch_many<T: Send>(&self, requests: &[Request], terms: &Terms, taken: Taken<'_, T>) -> Vec<T> {
        let desk = Desk::new(requests, terms);
        let results: Vec<Mutex<Option<T>>> = requests.iter().map(|_| Mutex::new(None)).collect();
        std::thread::scope(|scope| {
            for _ in 0..desk.threads() {
                scope.spawn(|| self.work(&desk, requests, &|at, answer| *locked(&results[at]) = Some(taken(at, answer))));
            }
        });
        let lost = |at: usize| taken(at, Err(error(&requests[at], Fault::Client("a thread died".into()))));
        let result = |(at, result): (usize, Mutex<Option<T>>)| {
            result.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(|| lost(at))
        };
        results.into_iter().enumerate().map(result).collect()
    }

    fn work(&self, desk: &Desk, requests: &[Request], done: &dyn Fn(usize, Result<Answer<Vec<u8>>, HttpError>)) {
        loop {
            let (job, host) = match desk.next() {
                Next::Over => return,
                Next::Drop(job, fault) => {
                    done(job.at, Err(error(&requests[job.at], fault)));
                    desk.finished();
                    continue;
                }
                Next::Ask(job, host) => (job, host),
            };
            let (at, request) = (job.at, &requests[job.at]);
            let most = self.patience.small.min(desk.end.saturating_duration_since(Instant::now()));
            let mut kept = Roomed::new(&desk.room, Instant::now() + most);
            match self.attempt(request, &mut kept, most) {
                Ok(answer) => {
                    desk.succeeded(host);
                    // The room is given back once the answer was read.
                    let content = std::mem::take(&mut kept.bytes);
                    done(
                        at,
                        Ok(match answer {
                            Answer::Unchanged => Answer::Unchanged,
                            Answer::Changed { etag, .. } => Answer::Changed { content, etag },
                        }),
                    );
                }
                Err(failure) => match desk.failed(host, job, failure, self) {
                    // It is asked again.
                    None => continue,
                    Some(fault) => done(at, Err(error(request, fault))),
                },
            }
            desk.finished();
        }
    }
}

fn error(request: &Request, fault: Fault) -> HttpError {
    HttpError { url: Address::new(&request.url), fault }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Job {
    at: usize,
    attempt: u32,
    ready: Instant,
}

/// Why a server is not asked any more.
#[derive(Clone, Copy)]
enum Over {
    Silent,
    Later(u64),
}

struct Host {
    queue: VecDeque<Job>,
    active: usize,
    /// In a row.
    failures: u32,
    ready: Instant,
    pause: Duration,
    over: Option<Over>,
}

enum Next {
    Ask(Job, usize),
    Drop(Job, Fault),
    Over,
}

struct State {
    hosts: Vec<Host>,
    left: usize,
    turn: usize,
}

/// Where the threads get their work.
struct Desk {
    state: Mutex<State>,
    news: Condvar,
    end: Instant,
    most: usize,
    terms: Terms,
    room: Room,
}

impl Desk {
    fn new(requests: &[Request], terms: &Terms) -> Desk {
        let now = Instant::now();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut hosts: Vec<Host> = Vec::new();
        for (at, request) in requests.iter().enumerate() {
            let number = *numbers.entry(Address::new(&request.url).origin().to_ascii_lowercase()).or_insert_with(|| {
                let pause = Duration::ZERO;
                hosts.push(Host { queue: VecDeque::new(), active: 0, failures: 0, ready: now, pause, over: None });
                hosts.len() - 1
            });
            hosts[number].pause = hosts[number].pause.max(request.pause.unwrap_or_default());
            hosts[number].queue.push_back(Job { at, attempt: 0, ready: now });
        }
        let most = terms.per_host.min(MOST_THREADS / hosts.len().max(1)).max(1);
        let state = State { hosts, left: requests.len(), turn: 0 };
        Desk { state: Mutex::new(state), news: Condvar::new(), end: now + terms.deadline, most, terms: terms.clone(), room: Room::new() }
    }

    fn threads(&self) -> usize {
        let state = locked(&self.state);
        let of_host = |host: &Host| if host.pause.is_zero() { host.queue.len().min(self.most) } else { 1 };
        state.hosts.iter().map(of_host).sum::<usize>().min(MOST_THREADS)
    }

    /// The next thing to do; waits while there is none yet.
    fn next(&self) -> Next {
        let mut state = locked(&self.state);
        loop {
            let now = Instant::now();
            if state.left == 0 {
                return Next::Over;
            }
            if let Some(next) = self.ready(&mut state, now) {
                return next;
            }
            let wakes = state.hosts.iter().filter(|host| host.active < self.most);
            let next = wakes.filter_map(|host| Some(host.queue.iter().map(|job| job.ready).min()?.max(host.ready))).min();
            let until = next.unwrap_or(self.end).min(self.end);
            // The end may be over while others still work: they are waited for in short steps.
            let wait = until.saturating_duration_since(now).max(Duration::from_millis(1)).min(Duration::from_millis(250));
            state = self.news.wait_timeout(state, wait).map_or_else(|error| error.into_inner().0, |(state, _)| state);
        }
    }

    fn ready(&self, state: &mut State, now: Instant) -> Option<Next> {
        let number = state.hosts.len();
        for step in 0..number {
            let turn = (state.turn + step) % number;
            let host = &mut state.hosts[turn];
            if now >= self.end
                && let Some(job) = host.queue.pop_front()
            {
                return Some(Next::Drop(job, Fault::NotAsked(self.terms.deadline.as_secs())));
            }
            if let Some(over) = host.over
                && let Some(job) = host.queue.pop_front()
            {
                return Some(Next::Drop(job, over.fault()));
            }
            let most = if host.pause.is_zero() { self.most } else { 1 };
            if host.active >= most || host.ready > now {
                continue;
            }
            let Some(job) = host.queue.iter().position(|job| job.ready <= now).and_then(|at| host.queue.remove(at)) else { continue };
            host.active += 1;
            host.ready = now + host.pause;
            state.turn = turn + 1;
            return Some(Next::Ask(job, turn));
        }
        None
    }

    fn succeeded(&self, host: usize) {
        let host = &mut locked(&self.state).hosts[host];
        host.active -= 1;
        host.failures = 0;
    }

    /// `None` where the question is asked again; otherwise why not.
    fn failed(&self, number: usize, mut job: Job, failure: super::Failure, http: &Http) -> Option<Fault> {
        let mut state = locked(&self.state);
        let host = &mut state.hosts[number];
        host.active -= 1;
        if !failure.is_passing {
            // It answers.
            host.failures = 0;
            return Some(failure.fault);
        }
        let is_overloaded = failure.after.is_some() || matches!(failure.fault, Fault::Status(429));
        let now = Instant::now();
        let wait = failure.after.unwrap_or_else(|| retry::backoff(&http.patience, job.attempt));
        let ready = now.checked_add(wait).filter(|ready| *ready < self.end);
        host.failures += u32::from(!is_overloaded);
        if host.failures >= self.terms.failures {
            host.over = Some(Over::Silent);
        } else if is_overloaded && (wait > http.patience.longest_wait || ready.is_none()) {
            host.over = Some(Over::Later(wait.as_secs()));
        }
        job.attempt += 1;
        let again = ready.filter(|_| host.over.is_none() && job.attempt < http.patience.attempts);
        if let Some(ready) = again {
            host.ready = if is_overloaded { host.ready.max(ready) } else { host.ready };
            job.ready = ready;
            host.queue.push_back(job);
        }
        let fault = match host.over {
            Some(over @ Over::Later(_)) => over.fault(),
            _ => failure.fault,
        };
        self.news.notify_all();
        if again.is_some() { None } else { Some(fault) }
    }

    /// One question less.
    fn finished(&self) {
        let mut state = locked(&self.state);
        state.left -= 1;
        let is_over = state.left == 0;
        drop(state);
        if is_over { self.news.notify_all() } else { self.news.notify_one() }
    }
}

impl Over {
    fn fault(self) -> Fault {
        match self {
            Over::Silent => Fault::GivenUp,
            Over::Later(seconds) => Fault::Later(seconds),
        }
    }
}
