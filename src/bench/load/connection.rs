//! One connection: a request under way, and the next when it is answered.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use chain::outcomes::split_outcomes;
use tokio::io::AsyncWriteExt;

use super::line::Line;
use super::{SAMPLES, Shared, http};
use crate::bench::job::AnswerForm;
use crate::bench::spool::Place;

/// Whoever waits longer than this begins to wonder.
const LATE: Duration = Duration::from_secs(1);

/// One message on its way.
struct Turn {
    place: Place,
    /// Its number in the load.
    n: u64,
    /// When it was due, from the start on; without a schedule, when it was sent.
    due: Duration,
}

pub(super) async fn run(mut line: Line, shared: Rc<Shared>) -> io::Result<()> {
    let mut request = Vec::new();
    let mut answer = Vec::with_capacity(16 << 10);
    while let Some(turn) = shared.next(&mut request).await? {
        line.write_all(&request).await?;
        line.flush().await?;
        let (status, body) = http::read_answer(&mut line, &mut answer).await?;
        shared.answered(&turn, status, answer.get(body..).unwrap_or_default())?;
    }
    Ok(())
}

impl Shared {
    /// Takes the next message, when it is due; `None` when nothing more is to be sent.
    async fn next(&self, request: &mut Vec<u8>) -> io::Result<Option<Turn>> {
        if let Some((_, permits)) = &self.permits {
            match permits.acquire().await {
                Ok(permit) => permit.forget(),
                Err(_) => return Ok(None),
            }
        }
        let now = self.started.elapsed();
        let over = self
            .job
            .seconds
            .is_some_and(|seconds| now.as_secs_f64() >= seconds);
        let mut state = self.state.borrow_mut();
        let place = if over {
            None
        } else {
            state.spool.next(request)?
        };
        let n = state.taken;
        if place.is_none() || n + 1 == self.job.messages {
            // Whoever still waits for a permit waits for nothing.
            if let Some((_, permits)) = &self.permits {
                permits.close();
            }
        }
        let Some(place) = place else {
            return Ok(None);
        };
        state.taken += 1;
        let due = self
            .permits
            .as_ref()
            .map_or(now, |(schedule, _)| schedule.due(n));
        state.stalls.sent(due);
        Ok(Some(Turn { place, n, due }))
    }

    fn answered(&self, turn: &Turn, status: u16, body: &[u8]) -> io::Result<()> {
        let now = self.started.elapsed();
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        state.stalls.answered(now);
        let at = usize::from(turn.place.series);
        let (Some(series), Some(tally)) = (self.job.series.get(at), state.tallies.get_mut(at))
        else {
            return Err(io::Error::other(format!("series {at} is not in the job")));
        };
        let latency = now.saturating_sub(turn.due);
        tally.late += u64::from(latency > LATE);
        tally
            .latencies
            .record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        match status {
            // 200 is what was asked for, or a receipt of what was logged before.
            200 | 201 => tally.good += 1,
            503 => {
                tally.refused += 1;
                return Ok(());
            }
            other => {
                let body = String::from_utf8_lossy(body);
                return Err(io::Error::other(format!("answer {other}: {body}")));
            }
        }
        if series.answer == AnswerForm::Outcomes {
            let (header, _, _) = split_outcomes(body).map_err(io::Error::other)?;
            if u64::from(header.good) != series.counts {
                let good = header.good;
                return Err(io::Error::other(format!(
                    "{good} of {} settled",
                    series.counts
                )));
            }
        }
        let every = (self.job.messages / SAMPLES).max(1);
        if turn.n.is_multiple_of(every) {
            state.samples.push((turn.place, body.to_vec()));
        }
        Ok(())
    }
}
