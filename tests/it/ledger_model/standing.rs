//! How far banks take part, in the reference: a word for each bank, and what it says of a leg.

use std::collections::BTreeMap;

use quittance::ledger::{
    AdmitParticipant, IdentifyParticipant, Incoming, Instruction, InstructionId, OfParticipant,
    Queued, SetParticipantDays, SetVia, SuspendParticipant,
};

use super::reference::{Answer, Leg, Reference, Wish};
use super::waiting::Waiting;
use super::{BANKS, Random};
use crate::ledger_tables::Run;
use crate::ledger_world::World;

/// Banks that are in test at first, and one that is being prepared; each has one account.
const OTHERS: [&str; 3] = ["bank-t", "bank-u", "bank-o"];
/// The first two name one head office.
const BICS: [&str; 3] = ["DEUTDEFF", "DEUTDEFFXXX", "DEUTDEFF500"];
const LEIS: [&str; 2] = ["7LTWFZYICNSX8D621K86", "HWUPKR0MPOU8FGXBT394"];

/// What becomes of a bank.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// Whether it receives nothing, and whether what waits is revoked.
    Suspend(bool, bool),
    Resume,
    Admit(&'static str),
    End,
    /// Which BIC and which LEI.
    Name(Option<usize>, Option<usize>),
    /// Via whom it is reached from now on.
    Via(&'static str),
    /// On which days from the first Monday on it is away.
    Days(Vec<i64>),
}

/// One bank's word.
#[derive(Debug, Clone)]
struct Stand {
    state: &'static str,
    refuses: bool,
    named: (Option<usize>, Option<usize>),
}

/// All banks' words; of who is not in it, that it is active.
#[derive(Debug, Clone, Default)]
pub(super) struct Standings(BTreeMap<&'static str, Stand>);

impl Standings {
    fn of(&self, who: &str) -> Stand {
        self.0.get(who).cloned().unwrap_or(Stand {
            state: "active",
            refuses: false,
            named: (None, None),
        })
    }
}

impl Random {
    /// A leg among those who are in test, and sometimes beyond.
    pub(super) fn tested(&mut self) -> Leg {
        let mut one = || match self.below(12) {
            0 => "bank-o:usd",
            1 => "bank-a:usd",
            n if n % 2 == 0 => "bank-t:usd",
            _ => "bank-u:usd",
        };
        let (debit, credit) = (one().to_owned(), one().to_owned());
        let amount = self.amount();
        Leg {
            debit,
            credit,
            asset: "USD",
            amount,
        }
    }

    pub(super) fn stands(&mut self) -> Wish {
        let bank = match self.below(8) {
            0 => self.pick(&["operators", "bank-x"]),
            1..=2 => self.pick(&OTHERS),
            _ => self.pick(&BANKS),
        };
        let bank = if self.one_in(4) { "coop" } else { bank };
        let change = match self.below(14) {
            0..=2 => Change::Suspend(self.one_in(3), self.one_in(3)),
            3..=7 => Change::Resume,
            8..=9 => {
                let words = ["test", "active", "onboarding", "suspended", "terminated"];
                let among = if self.one_in(4) { 5 } else { 2 };
                Change::Admit(self.pick(&words[..among]))
            }
            // Whose keys end signs no message any more: only who never signs comes to its end.
            10 if !["bank-t", "bank-u"].contains(&bank) => Change::End,
            11 => {
                Change::Via(self.pick(&["bank-a", "bank-b", "bank-b", "bank-c", "bank-t", "coop"]))
            }
            _ => {
                let bic = self.pick(&[None, Some(0), Some(1), Some(2)]);
                Change::Name(bic, self.pick(&[None, None, Some(0), Some(1)]))
            }
        };
        Wish::Stand(bank, change)
    }
}

pub(super) fn instruction(id: InstructionId, bank: &str, change: &Change) -> Instruction {
    let participant = bank.parse().unwrap();
    match change {
        Change::Suspend(refuses, revokes) => Instruction::SuspendParticipant(SuspendParticipant {
            id,
            participant,
            incoming: refuses.then_some(Incoming::Refuse),
            queued: revokes.then_some(Queued::Revoke),
        }),
        Change::Resume => Instruction::ResumeParticipant(OfParticipant { id, participant }),
        Change::End => Instruction::TerminateParticipant(OfParticipant { id, participant }),
        Change::Admit(to) => Instruction::AdmitParticipant(AdmitParticipant {
            id,
            participant,
            to: serde_json::from_str(&format!("\"{to}\"")).unwrap(),
        }),
        Change::Via(via) => Instruction::SetVia(SetVia {
            id,
            participant,
            via: via.parse().unwrap(),
        }),
        Change::Days(days) => Instruction::SetParticipantDays(SetParticipantDays {
            id,
            participant,
            holidays: days.iter().map(|day| super::dated::date(*day)).collect(),
        }),
        Change::Name(bic, lei) => Instruction::IdentifyParticipant(IdentifyParticipant {
            id,
            participant,
            bic: bic.map(|n| BICS[n].parse().unwrap()),
            lei: lei.map(|n| LEIS[n].parse().unwrap()),
        }),
    }
}

/// Banks beside those that everything else is about.
pub(super) fn start(run: &mut Run, reference: &mut Reference) {
    for bank in OTHERS {
        run.table(&format!(
            "operators: participant {bank} bank 1 {bank}/k1 state=onboarding -> APPLIED
             operators: open {bank}:usd {bank} settlement USD               -> APPLIED"
        ));
        reference.open(&format!("{bank}:usd"), bank, 0, true);
        let state = if bank == "bank-o" {
            "onboarding"
        } else {
            "test"
        };
        if state == "test" {
            run.table(&format!(
                "operators: admit {bank} test        -> APPLIED
                 operators: issue {bank}:usd 1000.00 -> SETTLED"
            ));
            reference.fund(&format!("{bank}:usd"), 100_000);
        }
        let mut stand = reference.standings.of(bank);
        stand.state = state;
        reference.standings.0.insert(bank, stand);
    }
    run.table(
        "operators: participant coop bank 0 via=bank-a     -> APPLIED
         operators: open coop:usd coop settlement USD      -> APPLIED
         operators: issue coop:usd 2000.00                 -> SETTLED",
    );
    reference.open("coop:usd", "coop", 0, true);
    reference.fund("coop:usd", 200_000);
    reference.reached.insert("coop", "bank-a");
}

impl Reference {
    pub(super) fn close_account(&mut self, address: &str) -> Answer {
        let (needed, paid_fees) = (self.is_needed(address), self.is_paid_fees(address));
        let account = self.accounts.get_mut(address).ok_or("ACCOUNT_UNKNOWN")?;
        if account.closed {
            return Err("ACCOUNT_CLOSED");
        }
        if address.starts_with("operators:issuance") {
            return Err("ACCOUNT_KIND_NOT_ALLOWED");
        }
        let named = |payment: &Waiting| payment.names(address);
        if self.waiting.iter().any(named) {
            return Err("ACCOUNT_NOT_EMPTY");
        }
        if account.balance != 0 || account.paying != 0 || account.receiving != 0 {
            return Err("ACCOUNT_NOT_EMPTY");
        }
        if let Some(code) = needed {
            return Err(code);
        }
        if paid_fees {
            return Err("FEE_ACCOUNT_IN_USE");
        }
        account.closed = true;
        Ok(())
    }

    pub(super) fn owner(&self, address: &str) -> &'static str {
        self.accounts[address].owner
    }

    pub(super) fn state(&self, address: &str) -> &'static str {
        self.standings.of(self.owner(address)).state
    }

    /// Whose keys sign for an account.
    pub(super) fn signer(&self, address: &str) -> &'static str {
        self.signs_for(self.owner(address))
    }

    fn signs_for(&self, who: &'static str) -> &'static str {
        self.reached.get(who).copied().unwrap_or(who)
    }

    /// All who sign, and those that they sign for behind them.
    pub(super) fn with_reached(&self, signers: &[&'static str]) -> Vec<&'static str> {
        let more = self.reached.iter().filter(|(_, via)| signers.contains(via));
        let more = more.map(|(who, _)| *who);
        signers.iter().copied().chain(more).collect()
    }

    pub(super) fn is_suspended(&self, address: &str) -> bool {
        self.state(address) == "suspended"
            || self.standings.of(self.signer(address)).state == "suspended"
    }

    pub(super) fn has_ended(&self, bank: &str) -> bool {
        self.standings.of(bank).state == "terminated"
    }

    fn reach(&mut self, signers: &[&'static str], bank: &'static str, via: &'static str) -> Answer {
        let before = self.reached.get(bank).copied();
        match (before, bank) {
            (Some(before), _) if before == via => return Err("NO_CHANGE"),
            (_, "operators") => return Err("PARTICIPANT_NOT_BANK"),
            _ if !signers.contains(&"operators/k2") => return Err("FOUR_EYES_NEEDED"),
            _ => {}
        }
        if self.standings.of(bank).state == "terminated" || self.standings.of(via).state != "active"
        {
            return Err("STATE_NOT_ALLOWED");
        }
        match (self.reached.contains_key(via), before) {
            (true, _) => Err("PARTICIPANT_INDIRECT"),
            (false, None) => Err("PARTICIPANT_DIRECT"),
            (false, Some(_)) => {
                self.reached.insert(bank, via);
                self.speak_for(bank, via);
                Ok(())
            }
        }
    }

    fn parts(&self, address: &str, other: &str) -> bool {
        match self.state(address) {
            "active" | "suspended" => true,
            "test" => other.starts_with("operators:issuance") || self.state(other) == "test",
            _ => false,
        }
    }

    fn takes(&self, address: &str, from: &str) -> bool {
        self.parts(address, from) && !self.standings.of(self.owner(address)).refuses
    }

    /// Whether both sides of a leg take part in it.
    pub(super) fn take_part(&self, from: &str, to: &str) -> Answer {
        if !self.parts(from, to) {
            return Err("DEBTOR_NOT_ACTIVE");
        }
        match self.takes(to, from) {
            true => Ok(()),
            false => Err("CREDITOR_NOT_ACTIVE"),
        }
    }

    /// The same for all sides of a split, of which none who pays may be suspended.
    pub(super) fn all_take_part(&self, payers: &[&String], payees: &[&String]) -> Answer {
        if payers.iter().any(|from| self.is_suspended(from)) {
            return Err("PARTICIPANT_SUSPENDED");
        }
        let all = |of: &dyn Fn(&str, &str) -> bool| {
            payers
                .iter()
                .all(|from| payees.iter().all(|to| of(from, to)))
        };
        if !all(&|from, to| self.parts(from, to)) {
            return Err("DEBTOR_NOT_ACTIVE");
        }
        match all(&|from, to| self.takes(to, from)) {
            true => Ok(()),
            false => Err("CREDITOR_NOT_ACTIVE"),
        }
    }

    pub(super) fn stand(
        &mut self,
        signers: &[&'static str],
        bank: &'static str,
        change: &Change,
    ) -> Answer {
        match (bank, change) {
            ("bank-x", _) => return Err("PARTICIPANT_UNKNOWN"),
            (_, Change::Days(days)) => return self.stay_away(bank, days),
            (_, Change::Via(via)) => return self.reach(signers, bank, via),
            ("operators", Change::Name(..)) => {}
            ("operators", _) => return Err("PARTICIPANT_NOT_BANK"),
            _ => {}
        }
        let mut stand = self.standings.of(bank);
        let both = signers.contains(&"operators/k2");
        let state = match (stand.state, change) {
            (before, Change::Admit(to)) if before == *to => return Err("NO_CHANGE"),
            ("onboarding", Change::Admit(to @ ("test" | "active"))) => *to,
            ("test", Change::Admit("active")) => {
                self.is_bare(bank)?;
                "active"
            }
            ("active", Change::Resume) | ("terminated", Change::End) => return Err("NO_CHANGE"),
            ("suspended", Change::Resume) if both => "active",
            ("suspended", Change::Resume) => return Err("FOUR_EYES_NEEDED"),
            (_, Change::End) if !both => return Err("FOUR_EYES_NEEDED"),
            (_, Change::End) => {
                self.is_bare(bank)?;
                self.is_done(bank)?;
                "terminated"
            }
            ("active" | "suspended", Change::Suspend(refuses, revokes)) => {
                let revoked = if *revokes {
                    self.revoke_waiting(bank)
                } else {
                    0
                };
                let again = stand.state == "suspended" && stand.refuses == *refuses;
                if again && revoked == 0 {
                    return Err("NO_CHANGE");
                }
                "suspended"
            }
            (before, Change::Name(bic, lei)) if before != "terminated" => {
                self.name(bank, (*bic, *lei))?;
                stand.named = (*bic, *lei);
                before
            }
            _ => return Err("STATE_NOT_ALLOWED"),
        };
        stand.refuses = match change {
            Change::Suspend(refuses, _) => *refuses,
            Change::Name(..) | Change::Via(_) | Change::Days(_) => stand.refuses,
            _ => false,
        };
        stand.state = state;
        self.standings.0.insert(bank, stand);
        Ok(())
    }

    fn name(&self, bank: &str, named: (Option<usize>, Option<usize>)) -> Answer {
        if self.standings.of(bank).named == named {
            return Err("NO_CHANGE");
        }
        let office = |bic: Option<usize>| bic.map(|n| n.max(1));
        let taken = self.standings.0.iter().any(|(other, stand)| {
            let same_bic = named.0.is_some() && office(named.0) == office(stand.named.0);
            let same_lei = named.1.is_some() && named.1 == stand.named.1;
            *other != bank && stand.state != "terminated" && (same_bic || same_lei)
        });
        match taken {
            true => Err("IDENTIFIER_EXISTS"),
            false => Ok(()),
        }
    }

    /// Nothing is on its accounts, or waits to be.
    fn is_bare(&self, bank: &str) -> Answer {
        let own = self.accounts.iter();
        let own = own.filter(|(address, _)| self.owner(address) == bank);
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|(_, account)| account.number);
        for (address, account) in own {
            if account.balance != 0 {
                return Err("BALANCE_LEFT");
            }
            if account.paying != 0 || account.receiving != 0 {
                return Err("HOLD_OPEN");
            }
            if self.waiting.iter().any(|payment| payment.names(address)) {
                return Err("PAYMENT_WAITS");
            }
        }
        Ok(())
    }

    /// Nobody waits for it; it is one that never cleared anything.
    fn is_done(&self, bank: &str) -> Answer {
        assert!(!BANKS.contains(&bank), "{bank} is never bare");
        let mut papers = self.papers.values();
        let asked = papers.any(|paper| paper.over_with.is_none() && paper.asked.contains(bank));
        match asked || self.is_asked_back(bank) {
            true => Err("CASE_OPEN"),
            false => Ok(()),
        }
    }
}

/// Every bank's word and names are the same.
pub(super) fn compare(world: &World, reference: &Reference, context: &dyn Fn() -> String) {
    for participant in world.book().participants() {
        let stand = reference.standings.of(participant.id.as_str());
        let state = serde_json::to_value(participant.state).unwrap();
        assert_eq!(state, stand.state, "{}", context());
        assert_eq!(participant.refuses, stand.refuses, "{}", context());
        let bic = participant.bic.as_ref().map(|bic| bic.to_string());
        let lei = participant.lei.as_ref().map(|lei| lei.to_string());
        let (own_bic, own_lei) = stand.named;
        assert_eq!(bic.as_deref(), own_bic.map(|n| BICS[n]), "{}", context());
        assert_eq!(lei.as_deref(), own_lei.map(|n| LEIS[n]), "{}", context());
        let via = participant
            .via
            .and_then(|via| world.book().participant_numbered(via));
        let expected = reference.reached.get(participant.id.as_str()).copied();
        assert_eq!(via.map(|via| via.id.as_str()), expected, "{}", context());
        let away = reference.away.get(participant.id.as_str()).into_iter();
        let away: Vec<_> = away.flatten().map(|day| super::dated::date(*day)).collect();
        assert_eq!(participant.holidays, away, "{}", context());
        let signs = participant.active_keys() > 0;
        let has_keys = stand.state != "terminated" && via.is_none();
        assert_eq!(signs, has_keys, "{}", context());
    }
}
