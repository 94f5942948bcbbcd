//! The language of the tables: one line a message, or a block of lines.
//!
//! ```text
//! bank-a: pay bank-a:usd bank-b:usd USD 10.00            -> SETTLED
//! bank-a: pay bank-a:usd nowhere USD 1, ... USD 2        -> ACCOUNT_UNKNOWN leg 0
//! bank-a+operators: #7 redeem bank-a:usd 5.00            -> ID_ALREADY_USED entry 12
//! bank-a atomic {                                        a message of several instructions
//!   pay bank-a:usd bank-b:usd USD 1                      -> MESSAGE_ABORTED
//! }
//! bank-x: pay ...                                        !! PARTICIPANT_UNKNOWN
//! balance bank-a:usd 90.00 90.00                         posted, available
//! ladder                                                 outcomes must rise from here ...
//! end                                                    ... to here
//! mark                                                   remembers every account ...
//! unchanged                                              ... and here none has changed
//! ```
//!
//! later 5000                                             the clock goes on, in milliseconds
//! tick 2                                                 the node looks for what is due: 2 holds
//! node #1 SETTLED #2 REVOKED_AT_REJECT_TIME              the same, or since then: payments, in order
//! queue bank-a:usd #2 #1                                 what waits to debit an account, in order
//! position ach bank-a -5.00                              what is not settled, in a settlement model
//! window ach 1 settled                                   open, waits, defaulted, settled, forgotten
//! original paid 1                                        item 1 of the entry before, with its proof of now
//! refresh paid                                           the same item, proven anew
//! forge bad paid amount                                  a copy with one thing changed
//! pending bank-a:usd 5.00 0.00                           pending debits and credits
//! bank-a: #3 propose 5000 [pay ... & pay ...] -> PROPOSED for so many milliseconds
//! bank-b: approve #3                 -> CARRIED_OUT     with its hash; `approve #3 other`: another
//! carried SETTLED SETTLED                                what the approval before carried out
//! clock 2026-11-24T07:00:00Z                             the clock goes on to this time
//! due DAY_OPENED SETTLED                                 what the node does by itself, by outcomes
//! day USD 2026-11-24 open                                the present business day of an asset
//! range USD 2026-11-24 sealed                            a date that is over, with or without a seal
//! reserved bank-a:usd 5.00 0.00                          for urgent, for high payments
//! seal                                                   the seal that is outstanding is logged
//! valued bank-a:usd 2026-11-24 -5.00                     by how much the value-dated balance differs
//! differences 2                                          how many such differences are kept
//!
//! `#7` gives an instruction the id number 7; others get fresh ids. `leg` and `entry` behind an
//! outcome say what it points at; `entry last` is the entry of the message before.

use std::collections::{BTreeMap, BTreeSet};

use quittance::ledger::{
    Approve, Draft, EndProposal, Instruction, InstructionId, Original, Outcome, OutcomeRow,
    Payment, Propose, Step, Time, outcomes, print_minor,
};
use quittance::wire::ErrorCode;

use super::{calendars, cycles, reservations, returns, values, words};
use crate::ledger_world::{MILLISECOND, World};

/// What a line says must come of an instruction.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    outcome: Outcome,
    leg: Option<u16>,
    detail: Option<u64>,
}

pub(crate) struct Run {
    pub(crate) world: World,
    /// Ids that were given numbers, kept so that a number always means the same id.
    numbered: BTreeMap<u32, InstructionId>,
    pub(super) reached: BTreeSet<Outcome>,
    /// The outcome before on this ladder.
    rung: Option<Option<Outcome>>,
    marked: BTreeMap<String, String>,
    last_entry: u64,
    /// Outcomes of what approvals carried out in the last entry.
    carried: Vec<Outcome>,
    /// Items with their proofs, and where they stand.
    originals: BTreeMap<String, (u64, Original)>,
}

impl Run {
    pub(crate) fn new() -> Self {
        Self::of(World::new())
    }

    pub(crate) fn of(world: World) -> Self {
        Self {
            world,
            numbered: BTreeMap::new(),
            reached: BTreeSet::new(),
            rung: None,
            marked: BTreeMap::new(),
            last_entry: 0,
            carried: Vec::new(),
            originals: BTreeMap::new(),
        }
    }

    /// Runs a table. A failure names the line.
    pub(crate) fn table(&mut self, table: &str) {
        let mut lines = table.lines().enumerate();
        while let Some((n, line)) = lines.next() {
            let line = line.split("//").next().unwrap().trim();
            let context = format!("line {}: {line}", n + 1);
            if line.is_empty() {
                continue;
            }
            if let Some(head) = line.strip_suffix('{') {
                let block = lines.by_ref().map(|(_, line)| line.trim());
                let block: Vec<&str> = block.take_while(|line| *line != "}").collect();
                let (signers, atomic) = match head.trim().strip_suffix(" atomic") {
                    Some(signers) => (signers, true),
                    None => (head.trim(), false),
                };
                self.send(signers, atomic, &block, &context);
            } else if !self.directive(line, &context) {
                let (signers, rest) = line.split_once(": ").expect("`signers: instruction`");
                self.send(signers, false, &[rest], &context);
            }
        }
        self.reached.extend(&self.world.due);
    }

    /// What the node does by itself: ids and outcomes.
    fn by_node(&mut self, words: &[&str], context: &str) {
        self.world.tick();
        let done = core::mem::take(&mut self.world.by_node);
        let expected = words.chunks(2).map(|words| {
            let number = words[0].strip_prefix('#').unwrap().parse().unwrap();
            (
                self.numbered[&number],
                Outcome::from_code(words[1]).unwrap(),
            )
        });
        assert_eq!(done, expected.collect::<Vec<_>>(), "{context}");
        self.reached
            .extend(done.iter().map(|(_, outcome)| *outcome));
    }

    fn directive(&mut self, line: &str, context: &str) -> bool {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["ladder"] => self.rung = Some(None),
            ["end"] => self.rung = None,
            ["mark"] => self.marked = self.world.chains(),
            ["unchanged"] => assert_eq!(self.world.chains(), self.marked, "{context}"),
            ["later", milliseconds] => {
                self.world.now += milliseconds.parse::<u64>().unwrap() * MILLISECOND;
            }
            ["tick", holds] => {
                let before = self.world.due.len();
                self.world.tick();
                let due = self.world.due.len() - before;
                assert_eq!(due.to_string(), *holds, "{context}");
            }
            ["node", rest @ ..] => self.by_node(rest, context),
            ["queue", account, rest @ ..] => {
                let account = self
                    .world
                    .book()
                    .account(&account.parse().unwrap())
                    .unwrap();
                let line = self.world.book().queue().line(account.number);
                let found: Vec<InstructionId> = line.map(Payment::id).collect();
                let number = |word: &&str| {
                    self.numbered[&word.strip_prefix('#').unwrap().parse::<u32>().unwrap()]
                };
                assert_eq!(
                    found,
                    rest.iter().map(number).collect::<Vec<_>>(),
                    "{context}"
                );
            }
            ["carried", outcomes @ ..] => {
                let expected = outcomes
                    .iter()
                    .map(|code| Outcome::from_code(code).unwrap());
                assert_eq!(self.carried, expected.collect::<Vec<_>>(), "{context}");
            }
            ["pending", address, debits, credits] => {
                let scale = words::scale_of(&self.world, address);
                let account = self.world.book().account(&address.parse().unwrap());
                let c = account.unwrap().counters;
                let found = [c.debits_pending, c.credits_pending]
                    .map(|minor| print_minor(i128::try_from(minor).unwrap(), scale));
                assert_eq!(found, [*debits, *credits], "{context}");
            }
            ["balance", address, posted, available] => {
                let scale = words::scale_of(&self.world, address);
                let (found, left) = self.world.balance(address);
                let found = [print_minor(found, scale), print_minor(left, scale)];
                assert_eq!(found, [*posted, *available], "{context}");
            }
            ["clock" | "due" | "day" | "range" | "seal", ..] => {
                return calendars::directive(self, line, context);
            }
            ["reserved", ..] => reservations::directive(self, line, context),
            ["valued" | "differences", ..] => values::directive(self, line, context),
            ["original" | "refresh" | "forge", ..] => self.proofs(line),
            ["position" | "owed" | "window", ..] => cycles::check(&self.world, line, context),
            _ => return false,
        }
        true
    }

    /// Keeps an item with its proof, proves it anew, or changes something of it.
    fn proofs(&mut self, line: &str) {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["original", name, n] => {
                let (last, n) = (self.world.state.next_index() - 1, n.parse().unwrap());
                let original = self.world.original(last, n);
                self.originals.insert((*name).into(), (last, original));
            }
            ["refresh", name] => {
                let (index, original) = self.originals.get_mut(*name).unwrap();
                *original = self.world.original(*index, original.n);
            }
            ["forge", name, of, what] => {
                let (index, original) = self.originals[*of].clone();
                let forged = returns::forged(original, what);
                self.originals.insert((*name).into(), (index, forged));
            }
            other => panic!("{other:?}"),
        }
    }

    /// Levels of the subtree that an original is proven in.
    pub(super) fn level(&self, name: &str) -> usize {
        self.originals[name].1.proof.len()
    }

    /// Sends a message of one instruction a line, and compares.
    fn send(&mut self, signers: &str, atomic: bool, lines: &[&str], context: &str) {
        let rejected = lines.iter().find_map(|line| line.split_once("!!"));
        let mut instructions = Vec::new();
        let mut expected = Vec::new();
        for line in lines {
            let (wish, outcome) = line
                .split_once("->")
                .or_else(|| line.split_once("!!"))
                .unwrap_or((line, ""));
            instructions.push(self.instruction(wish.trim()));
            expected.push(outcome.trim());
        }
        let message = self.world.message(signers, atomic, instructions);
        let step = self.world.send(&message);
        if let Some((_, code)) = rejected {
            let Step::Drop(rejection) = step else {
                panic!("{context}: {step:?}")
            };
            assert_eq!(
                ErrorCode::from(&rejection).as_str(),
                code.trim(),
                "{context}"
            );
            return;
        }
        let Step::Applied(applied) = step else {
            panic!("{context}: {step:?}")
        };
        let rows = self.asked(outcomes(&applied.drafts));
        assert_eq!(rows.len(), expected.len(), "{context}");
        for (row, text) in rows.iter().zip(&expected) {
            self.compare(row, text, context);
        }
        self.last_entry = applied.index;
        // What became of a payment in the queue stands in its legs.
        self.reached
            .extend(applied.drafts.iter().filter_map(|draft| match draft {
                Draft::Held(held) => Some(held.outcome),
                Draft::Linked(linked) => Some(linked.outcome),
                _ => None,
            }));
    }

    /// The rows of what was asked for; those of what approvals carried out are kept apart.
    fn asked(&mut self, rows: Vec<OutcomeRow>) -> Vec<OutcomeRow> {
        let (mut asked, mut by) = (Vec::new(), None);
        self.carried.clear();
        for row in rows {
            if by == Some(row.instruction) {
                self.carried.push(row.outcome);
                continue;
            }
            by = (row.outcome == Outcome::CarriedOut).then_some(row.instruction);
            asked.push(row);
        }
        asked
    }

    fn compare(&mut self, row: &OutcomeRow, text: &str, context: &str) {
        let expected = self.expected(text);
        let found = Expected {
            outcome: row.outcome,
            leg: row.leg,
            detail: expected.detail.map(|_| row.detail),
        };
        assert_eq!(found, expected, "{context}");
        self.reached.insert(row.outcome);
        if let Some(before) = &mut self.rung {
            let good = row.outcome.is_good();
            // The last rung is what is left when nothing is wrong any more.
            assert!(
                good || before.is_none_or(|before| before < row.outcome),
                "{context}"
            );
            *before = Some(row.outcome);
        }
    }

    fn expected(&self, text: &str) -> Expected {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (code, rest) = words.split_first().expect("an outcome");
        let after = |name: &str| {
            let at = rest.iter().position(|word| *word == name)?;
            Some(rest[at + 1])
        };
        Expected {
            outcome: Outcome::from_code(code).unwrap_or_else(|| panic!("no outcome {code}")),
            leg: after("leg").map(|leg| leg.parse().unwrap()),
            detail: after("entry").map(|entry| match entry {
                "last" => self.last_entry,
                number => number.parse().unwrap(),
            }),
        }
    }

    pub(super) fn instruction(&mut self, wish: &str) -> Instruction {
        let (number, wish) = match wish.strip_prefix('#') {
            Some(rest) => {
                let (number, wish) = rest.split_once(' ').unwrap();
                (Some(number.parse::<u32>().unwrap()), wish)
            }
            None => (None, wish),
        };
        let fresh = self.world.id();
        let id = match number {
            Some(number) => *self.numbered.entry(number).or_insert(fresh),
            None => fresh,
        };
        if let Some(rest) = wish.strip_prefix("propose ") {
            let (after, list) = rest.split_once(" [").unwrap();
            let expires = self.world.now + after.parse::<u64>().unwrap() * MILLISECOND;
            let list = list.strip_suffix(']').unwrap().split(" & ");
            return Instruction::Propose(Propose {
                id,
                expires_at: Time::from_nanos(expires),
                instructions: list.map(|wish| self.instruction(wish.trim())).collect(),
            });
        }
        let words: Vec<&str> = wish.split_whitespace().collect();
        let original = |name: &str| self.originals[name].1.clone();
        let recall = |word: &str| {
            let number: u32 = word.strip_prefix('#').unwrap().parse().unwrap();
            self.numbered[&number]
        };
        if let Some(instruction) = returns::instruction(id, &words, original, recall) {
            return instruction;
        }
        // Holds are named by the numbers of their ids.
        let hold = |word: &str| {
            let number: u32 = word.strip_prefix('#')?.parse().ok()?;
            self.numbered.get(&number).copied()
        };
        match wish.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["approve", of, rest @ ..] if of.starts_with('#') => {
                let of = hold(of).unwrap_or(id);
                let known = self.world.book().proposal(of, 0).map(|it| it.hash);
                let hash = match rest {
                    [] => chain::Hash::from_bytes(known.unwrap_or_default()),
                    _ => chain::Hash::sha256(b"something else"),
                };
                Instruction::Approve(Approve {
                    id,
                    of: Some(of),
                    hash: Some(hash.to_string()),
                    entry_index: None,
                    item: None,
                    item_leaf: None,
                })
            }
            ["withdraw", of] => Instruction::Withdraw(EndProposal {
                id,
                of: hold(of).unwrap_or(id),
            }),
            ["decline", of] => Instruction::Decline(EndProposal {
                id,
                of: hold(of).unwrap_or(id),
            }),
            _ => words::instruction(id, wish, self.world.now, hold),
        }
    }
}
