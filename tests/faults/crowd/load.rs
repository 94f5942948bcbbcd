//! What the crowd does: loads a node until it is gone, compares what it knows with what the next
//! one says, and sends again what was never answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chain::Signer;
use quittance::client::{Client, ClientError, Outgoing};
use quittance::wire::ErrorCode;

use super::{
    ACCOUNTS, ASSETS, Crowd, LONG, TurnedAway, add, amount, is_turned_away, source::Reading,
};
use crate::Dice;
use crate::evidence::{Found, Sent};
use crate::model::Content;
use crate::world::BANKS;

/// The load of one life of a node.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) clients: u64,
    /// Time between two requests of one client.
    pub(crate) pause: Duration,
    pub(crate) seed: u64,
}

/// The node is gone.
struct Gone;

impl Crowd {
    /// Loads a node until it is gone or `stop` is set.
    pub(crate) fn load(&self, url: &str, load: Load, stop: &AtomicBool) {
        std::thread::scope(|scope| {
            for n in 0..load.clients {
                let dice = Dice(load.seed.wrapping_mul(31).wrapping_add(n));
                scope.spawn(move || {
                    // Whoever finds the node gone has nothing more to do.
                    let Err(Gone) = self.one_client(url, load.pause, dice, stop);
                });
            }
        });
    }

    fn one_client(
        &self,
        url: &str,
        pause: Duration,
        mut dice: Dice,
        stop: &AtomicBool,
    ) -> Result<std::convert::Infallible, Gone> {
        let door = self.client(url);
        let reader = loop {
            match self.reader(url) {
                Ok(reader) => break reader,
                Err(error) if is_turned_away(&error) && !stop.load(Ordering::Relaxed) => {}
                Err(error) if error.is_passing() => return Err(Gone),
                Err(error) => panic!("{error:?}"),
            }
        };
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(Gone);
            }
            let bank = usize::try_from(dice.below(3)).unwrap();
            match dice.below(100) {
                0..32 => {
                    let count = 1 + dice.below(3);
                    self.hand_in(&door, self.payment(&mut dice, bank, count))?;
                }
                32..50 => self.hand_in(&door, self.rich(&mut dice, bank))?,
                50..58 => {
                    let count = 20 + dice.below(LONG - 20);
                    self.hand_in(&door, self.payment(&mut dice, bank, count))?;
                }
                58..64 => {
                    if let Some(sent) = self.erasure(&mut dice) {
                        self.hand_in(&door, sent)?;
                    }
                }
                64..68 => self.hand_in(&door, self.opening_of_one(&mut dice, bank))?,
                68..74 => self.dry_run(&door, &mut dice, bank)?,
                74..78 => self.forge(&door, &mut dice, bank)?,
                _ => self.read(&reader, &mut dice)?,
            }
            std::thread::sleep(pause);
        }
    }

    /// Submits, and keeps what came of it.
    fn hand_in(&self, door: &Client, mut sent: Sent) -> Result<(), Gone> {
        let Ok(answer) = self.submit(door, &sent) else {
            // Nothing was logged: if it is found in the log all the same, nobody has sent it.
            std::thread::sleep(Duration::from_millis(50));
            return Ok(());
        };
        let gone = answer.is_none();
        if let Some(answer) = &answer {
            let good = answer.outcomes.iter().filter(|row| row.code.is_good());
            let refused = answer.outcomes.len() - good.count();
            add(&self.counts.acknowledged, 1);
            add(&self.counts.instructions, answer.outcomes.len() as u64);
            add(&self.counts.refused, refused as u64);
        }
        sent.answer = answer.map(Box::new);
        self.evidence().sent.push(sent);
        if gone { Err(Gone) } else { Ok(()) }
    }

    /// Has a body erased that nobody has asked to erase yet.
    fn erasure(&self, dice: &mut Dice) -> Option<Sent> {
        let index = {
            let mut evidence = self.evidence();
            let last = evidence.sent.len().checked_sub(1)?;
            let back = usize::try_from(dice.below(50)).unwrap();
            let sent = &mut evidence.sent[last.saturating_sub(back)];
            let payment = matches!(sent.content, Content::Pay { .. });
            let asked = std::mem::replace(&mut sent.erasing, true);
            sent.answer
                .as_ref()
                .filter(|_| payment && !asked)
                .map(|answer| answer.index)?
        };
        let id = self.id();
        let wish =
            format!(r#"{{"erase":{{"id":"{id}","entry_index":{index},"basis":"GDPR 17"}}}}"#);
        Some(self.sent("operators", false, &[wish], Content::Erase(index)))
    }

    fn opening_of_one(&self, dice: &mut Dice, bank: usize) -> Sent {
        let (asset, _) = ASSETS[usize::try_from(dice.below(3)).unwrap()];
        let n = self.made.fetch_add(1, Ordering::Relaxed);
        let wish = self.opening(&format!("{}:{n}", BANKS[bank]), asset);
        self.sent("operators", false, &[wish], Content::Govern(1))
    }

    /// Asks what would become of a payment; nobody else has heard of it.
    fn dry_run(&self, door: &Client, dice: &mut Dice, bank: usize) -> Result<(), Gone> {
        let sent = self.payment(dice, bank, 1);
        let out = outgoing(&sent);
        let answer = door.dry_run(&out, &[self.key(sent.submitter) as &dyn Signer]);
        add(&self.counts.dry_runs, 1);
        expect(answer).map(|_| ())
    }

    /// Signs as another bank: turned away, and nothing is logged.
    fn forge(&self, door: &Client, dice: &mut Dice, bank: usize) -> Result<(), Gone> {
        let sent = self.payment(dice, bank, 1);
        let thief = self.key(BANKS[(bank + 1) % 3]);
        match door.submit(&outgoing(&sent), &[thief as &dyn Signer]) {
            Err(ClientError::Problem { problem, .. }) if problem.status == 401 => Ok(()),
            Err(error) if is_turned_away(&error) => Ok(()),
            Err(error) if error.is_passing() => Err(Gone),
            other => panic!("a payment in another's name: {other:?}"),
        }
    }

    /// Reads something, and compares it with what was told before.
    fn read(&self, reader: &Client, dice: &mut Dice) -> Result<(), Gone> {
        let known = {
            let evidence = self.evidence();
            let at = dice.below(evidence.sent.len().max(1) as u64);
            let sent = evidence.sent.get(usize::try_from(at).unwrap());
            sent.and_then(|sent| sent.answer.clone())
        };
        add(&self.counts.reads, 1);
        let account = ACCOUNTS[usize::try_from(dice.below(9)).unwrap()];
        match (dice.below(4), known) {
            (0, Some(known)) => {
                let (now, _) = match expect(reader.receipt(known.index, None))? {
                    Some(found) => found,
                    None => return Ok(()),
                };
                assert_eq!(now.entry, known.receipt.unwrap().entry, "{}", known.index);
            }
            (1, Some(known)) => {
                let found = expect(reader.entry(known.index))?;
                let same = found.is_none_or(|view| {
                    Some(&view.entry) == known.receipt.as_ref().map(|kept| &kept.entry)
                });
                assert!(same, "entry {} is another", known.index);
            }
            (2, _) => drop(expect(reader.history(account, None))?),
            _ => drop(expect(reader.account(account))?),
        }
        Ok(())
    }

    /// Whether a node lets nobody in for want of space; it answers readers either way.
    pub(crate) fn is_turned_away(&self, url: &str) -> bool {
        let door = self.client(url);
        let sent = self.payment(&mut Dice(9), 0, 1);
        let signers = [self.key(sent.submitter) as &dyn Signer];
        let asked = door.dry_run(&outgoing(&sent), &signers);
        let reader = self.reader(url).expect("sessions are opened all the time");
        reader.account(ACCOUNTS[0]).expect("readers are answered");
        match asked {
            Ok(_) => false,
            Err(error) if error.code() == Some(ErrorCode::StorageReserve) => true,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Compares what was told since the last time with what a node says now, and sends again, twice,
    /// whatever was never answered. `stride`: every so many receipts are asked for.
    pub(crate) fn compare(&mut self, url: &str, stride: usize) {
        let door = self.client(url);
        let reader = self.reader(url).unwrap();
        let from = self.compared;
        let mut sent = self.evidence().sent[from..].to_vec();
        for (n, sent) in sent.iter_mut().enumerate() {
            if let Some(answer) = &sent.answer {
                if n.is_multiple_of(stride) {
                    let (now, _) = reader.receipt(answer.index, None).unwrap();
                    let kept = &answer.receipt.as_ref().unwrap().entry;
                    assert_eq!(now.entry, *kept, "entry {} is what it was", answer.index);
                }
            } else {
                add(&self.counts.sent_again, 1);
                let submit = || match self.submit(&door, sent) {
                    Ok(Some(answer)) => answer,
                    Ok(None) => panic!("no answer from a node that is up: {}", sent.message_id),
                    Err(TurnedAway) => panic!("turned away: {}", sent.message_id),
                };
                let (answer, again) = (submit(), submit());
                assert_eq!(answer.index, again.index, "{}", sent.message_id);
                sent.answer = Some(Box::new(answer));
            }
        }
        let checkpoint = reader.checkpoint().unwrap();
        let mut evidence = self.evidence();
        evidence.sent.splice(from.., sent);
        evidence.checkpoints.insert(checkpoint);
        let length = evidence.sent.len();
        drop(evidence);
        self.compared = length;
    }

    /// Reads the time of every entry: each is later than the one before. Gives the first behind the
    /// founding, and the last.
    pub(crate) fn times_go_forwards(&self, url: &str) -> (u64, u64) {
        let reader = self.reader(url).unwrap();
        let last = {
            let evidence = self.evidence();
            let answers = evidence.sent.iter().filter_map(|sent| sent.answer.as_ref());
            answers.map(|answer| answer.index).max().unwrap()
        };
        let times = (0..=last).map(|index| {
            let view = reader.entry(index).unwrap();
            chain::Entry::from_bytes(&view.entry.0).unwrap().time
        });
        let times: Vec<u64> = times.collect();
        assert!(times.is_sorted_by(|before, after| before < after));
        (times[1], *times.last().unwrap())
    }

    /// Reads the whole log and compares everything with the evidence.
    pub(crate) fn check(&self, url: &str, stride: usize) -> Found {
        let reader = self.reader(url).unwrap();
        let found = self
            .evidence()
            .check(&Reading(&reader), &self.log_key, &self.start, stride);
        found.unwrap_or_else(|why| panic!("{why}"))
    }
}

fn outgoing(sent: &Sent) -> Outgoing<'_> {
    Outgoing {
        submitter: sent.submitter,
        content_type: "application/json",
        body: sent.body.as_bytes(),
    }
}

/// An answer, or nothing if the node had no room for the question.
fn expect<T>(answer: Result<T, ClientError>) -> Result<Option<T>, Gone> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_turned_away(&error) => Ok(None),
        Err(error) if error.is_passing() => Err(Gone),
        Err(error) => panic!("{error:?}"),
    }
}

/// Minor units as a decimal string of a currency.
#[test]
fn amounts_have_the_decimals_of_their_currency() {
    assert_eq!(amount(1_234, 3), "1.234");
    assert_eq!(amount(5, 2), "0.05");
    assert_eq!(amount(7, 0), "7");
}
