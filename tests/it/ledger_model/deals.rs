//! Foreign exchange in the runs: what is asked, and what is compared after every message.

use quittance::ledger::{
    AssetId, Convert, ConvertAt, Execution, Fixed, Instruction, InstructionId, ParticipantId,
    Quote, RateName, Ratio, SetProvider, SetRate, Time, WithdrawRate,
};

use super::dealt::{At, Exchanged, Offered, Price, Stated};
use super::reference::{ASSETS, Reference, Typed, Wish};
use super::wishes::typed;
use super::{BANKS, Random};
use crate::ledger_tables::Run;
use crate::ledger_world::{MILLISECOND, World};

const SOURCES: [&str; 2] = ["desk", "fix"];

impl Random {
    /// Keeps the newest offers, to ask for them.
    pub(super) fn note_offers<'a>(&mut self, made: impl Iterator<Item = &'a (u64, Wish)>) {
        for (id, wish) in made {
            if let Wish::Offer(offered) = wish {
                self.offers.push((*id, offered.clone()));
            }
        }
        let old = self.offers.len().saturating_sub(3);
        self.offers.drain(..old);
    }

    pub(super) fn deals(&mut self) -> Wish {
        match self.below(16) {
            0 => {
                let bank = self.pick(&["bank-a", "bank-b", "bank-c", "operators", "bank-x"]);
                Wish::Provider(bank, !self.one_in(4))
            }
            1..=3 => Wish::Price(self.stated()),
            4 if self.one_in(2) => Wish::EndPrice(self.pair(), self.source()),
            5..=7 => Wish::Offer(self.offered()),
            _ => Wish::Exchange(self.exchanged()),
        }
    }

    fn pair(&mut self) -> (usize, usize) {
        match self.below(30) {
            0 => (2, 1),
            1 => (1, 1),
            n if n % 4 == 0 => (1, 0),
            _ => (0, 1),
        }
    }

    fn source(&mut self) -> u8 {
        u8::from(self.one_in(4))
    }

    fn stated(&mut self) -> Stated {
        let pair = self.pair();
        // Around 100 yen a dollar, or its inverse.
        let near = |random: &mut Self, more: u64| -> Price {
            let price = (i128::from(9_900 + random.below(100) + more), 97);
            if pair.0 == 1 {
                (price.1, price.0 + 40 - 2 * i128::from(more))
            } else {
                price
            }
        };
        let spread = if self.one_in(12) { 0 } else { 100 };
        let (bid, ask) = (near(self, 0), near(self, spread));
        let bank = match BANKS.contains(&self.submitter) && !self.one_in(8) {
            true => self.submitter,
            false => self.pick(&BANKS),
        };
        let till = |random: &mut Self, asset: usize| match random.one_in(20) {
            true => random.account(),
            false if asset == 1 => format!("{bank}:jpy"),
            false => format!("{bank}:usd"),
        };
        let kept = (!self.one_in(5)).then(|| {
            let most = match self.one_in(3) {
                true => self.amount(),
                false => Typed {
                    units: 2_000,
                    decimals: 0,
                },
            };
            (till(self, pair.0), till(self, pair.1), most)
        });
        Stated {
            pair,
            source: self.source(),
            bid,
            ask,
            begins: self.pick(&[None, None, None, Some(-5), Some(3), Some(400)]),
            ends: self.pick(&[0, 5, 40, 3_000, 100_000, 7_200_000]),
            kept,
        }
    }

    fn offered(&mut self) -> Offered {
        let bank = match BANKS.contains(&self.submitter) && !self.one_in(8) {
            true => self.submitter,
            false => self.pick(&BANKS),
        };
        let yen = self.one_in(2);
        let names = if yen {
            [":usd", ":jpy"]
        } else {
            [":jpy", ":usd"]
        };
        let [receive, debit] = names.map(|name| format!("{bank}{name}"));
        let receive = if self.one_in(15) {
            self.account()
        } else {
            receive
        };
        let credit = match self.one_in(10) {
            true => self.account(),
            false => format!("{}{}", self.pick(&BANKS), names[1]),
        };
        let amount = |random: &mut Self, yen: bool| match random.one_in(10) {
            true => random.amount(),
            false => Typed {
                units: i128::from(1 + random.below(2_000)),
                decimals: if yen { 0 } else { 2 },
            },
        };
        Offered {
            taker: self.pick(&["bank-a", "bank-b", "bank-c", "bank-c", "bank-x"]),
            receive,
            source: amount(self, !yen),
            debit,
            credit,
            target: amount(self, yen),
            ends: self.pick(&[0, 4, 30, 2_000, 100_000]),
        }
    }

    fn exchanged(&mut self) -> Exchanged {
        // Mostly as an offer that was made lately says.
        let made = usize::try_from(self.below(1 + self.offers.len() as u64)).unwrap();
        match self.offers.get(made).cloned() {
            Some((id, offered)) => self.taken(id, offered),
            None => self.at_a_price(),
        }
    }

    fn taken(&mut self, id: u64, offered: Offered) -> Exchanged {
        let pays = self.one_in(2);
        let (amount, limit) = match pays {
            true => (offered.source, offered.target),
            false => (offered.target, offered.source),
        };
        let debit = match offered.receive.ends_with("jpy") {
            true => format!("{}:jpy", self.pick(&BANKS)),
            false => format!("{}:usd", self.pick(&BANKS)),
        };
        Exchanged {
            debit,
            credit: if self.one_in(12) {
                self.account()
            } else {
                offered.credit
            },
            pays,
            amount: if self.one_in(12) {
                self.amount()
            } else {
                amount
            },
            limit: if self.one_in(6) { self.amount() } else { limit },
            at: At::Offer(if self.one_in(12) { 77_777 } else { id }),
        }
    }

    fn at_a_price(&mut self) -> Exchanged {
        let yen = self.one_in(2);
        let bank = match BANKS.contains(&self.submitter) && !self.one_in(8) {
            true => self.submitter,
            false => self.pick(&BANKS),
        };
        let names = if yen {
            [":usd", ":jpy"]
        } else {
            [":jpy", ":usd"]
        };
        let pays = self.one_in(2);
        let amount = Typed {
            units: match self.one_in(5) {
                true => 1,
                false => i128::from(self.pick(&[1, 40, 700, 9_000, 150_000]) + self.below(90)),
            },
            decimals: if pays == yen { 2 } else { 0 },
        };
        let limit = match (self.one_in(5), pays) {
            (true, _) => self.amount(),
            (false, true) => Typed {
                units: 0,
                decimals: 0,
            },
            (false, false) => Typed {
                units: 500_000,
                decimals: 0,
            },
        };
        Exchanged {
            debit: if self.one_in(20) {
                self.account()
            } else {
                format!("{bank}{}", names[0])
            },
            credit: match self.one_in(6) {
                true => self.account(),
                false => format!("{}{}", self.pick(&BANKS), names[1]),
            },
            pays,
            amount,
            limit,
            at: At::Price(
                self.pick(&["bank-a", "bank-a", "bank-b", "operators"]),
                self.source(),
            ),
        }
    }
}

fn asset(number: usize) -> AssetId {
    let name = ASSETS.get(number).map_or("EUR", |asset| asset.0);
    name.parse().unwrap()
}

fn source(number: u8) -> quittance::ledger::SourceId {
    SOURCES[usize::from(number)].parse().unwrap()
}

fn ratio((numerator, denominator): Price) -> Ratio {
    format!("{numerator}/{denominator}").parse().unwrap()
}

pub(super) fn instruction(id: InstructionId, wish: &Wish, now: u64) -> Instruction {
    let later = |ms: i64| Time::from_nanos(now.saturating_add_signed(ms * 1_000_000));
    let party = |bank: &str| bank.parse::<ParticipantId>().unwrap();
    match wish {
        Wish::Provider(bank, active) => Instruction::SetProvider(SetProvider {
            id,
            participant: party(bank),
            active: *active,
        }),
        Wish::Price(stated) => Instruction::SetRate(SetRate {
            id,
            base: asset(stated.pair.0),
            quote: asset(stated.pair.1),
            source: source(stated.source),
            bid: ratio(stated.bid),
            ask: ratio(stated.ask),
            valid_from: stated.begins.map(later),
            valid_to: later(stated.ends),
            execute: stated.kept.as_ref().map(|(base, quote, max)| Execution {
                base: base.parse().unwrap(),
                quote: quote.parse().unwrap(),
                max: typed(*max),
            }),
        }),
        Wish::EndPrice(pair, of) => Instruction::WithdrawRate(WithdrawRate {
            id,
            base: asset(pair.0),
            quote: asset(pair.1),
            source: source(*of),
        }),
        Wish::Offer(offered) => Instruction::Quote(Quote {
            id,
            taker: party(offered.taker),
            receive: offered.receive.parse().unwrap(),
            source_amount: typed(offered.source),
            debit: offered.debit.parse().unwrap(),
            credit: offered.credit.parse().unwrap(),
            target_amount: typed(offered.target),
            expires_at: Time::from_nanos(now + offered.ends * MILLISECOND),
        }),
        Wish::Exchange(wish) => Instruction::Convert(Convert {
            id,
            debit: wish.debit.parse().unwrap(),
            credit: wish.credit.parse().unwrap(),
            fixed: if wish.pays {
                Fixed::Source
            } else {
                Fixed::Target
            },
            amount: typed(wish.amount),
            limit: typed(wish.limit),
            at: match wish.at {
                At::Offer(of) => ConvertAt::Quote(super::wishes::id(of)),
                At::Price(bank, of) => ConvertAt::Rate(RateName {
                    provider: party(bank),
                    source: source(of),
                }),
            },
            end_to_end_id: None,
            remittance: None,
            debtor_name: None,
            creditor_name: None,
        }),
        other => panic!("{other:?} is no exchange"),
    }
}

/// One bank that deals, with a price.
pub(super) fn start(run: &mut Run, reference: &mut Reference) {
    run.table("operators: provider bank-a on -> APPLIED");
    reference.provider("bank-a", true).unwrap();
}

/// Compares who deals, and all prices.
pub(super) fn compare(world: &World, reference: &Reference, context: &str) {
    let (book, fx) = (world.book(), world.book().fx());
    let dealers: Vec<&str> = fx
        .providers()
        .iter()
        .map(|n| book.participant_numbered(*n).unwrap().id.as_str())
        .collect();
    assert_eq!(
        dealers,
        reference.dealers.iter().copied().collect::<Vec<_>>(),
        "{context}"
    );
    assert_eq!(fx.lines().count(), reference.prices.len(), "{context}");
    for line in &reference.prices {
        let (owner, base, quote, of) = line.of;
        let key = quittance::ledger::RateKey {
            owner: book.participant(&owner.parse().unwrap()).unwrap().number,
            base: book.asset(&asset(base)).unwrap().number,
            quote: book.asset(&asset(quote)).unwrap().number,
            source: source(of),
        };
        let found = fx.line(&key).iter().map(|rate| {
            // Entries that follow each other at once are nanoseconds apart.
            let ms = |time: u64| time / MILLISECOND;
            (rate.bid, rate.ask, ms(rate.from), ms(rate.to))
        });
        let expected = line.prices.iter().map(|price| {
            let ms = |time: u64| time / MILLISECOND;
            (
                ratio(price.bid),
                ratio(price.ask),
                ms(price.begins),
                ms(price.ends),
            )
        });
        assert!(found.eq(expected), "{line:?}: {context}");
    }
}
