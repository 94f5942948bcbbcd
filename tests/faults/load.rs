//! What clients send: random payments of three banks, and an operator who erases bodies.

use crate::Dice;
use crate::evidence::Sent;
use crate::model::{Content, Leg, money};
use crate::rich::{Rich, Watch};
use crate::world::{ACCOUNTS, BANKS};

/// The time of instruction ids and messages, and new ids: a node's clock, or the system's.
pub(crate) trait Stamp {
    /// A new instruction id.
    fn id(&self) -> String;
    /// A whole body around instructions; its message id has to be in it.
    fn body(&self, atomic: bool, instructions: &[String]) -> (String, String);
}

/// A payment by a random bank: one to three transfers of one to three legs.
pub(crate) fn payment(dice: &mut Dice, stamp: &dyn Stamp) -> Sent {
    let bank = usize::try_from(dice.below(3)).unwrap();
    let atomic = dice.below(3) == 0;
    let transfers: Vec<Vec<Leg>> = (0..=dice.below(3))
        .map(|_| (0..=dice.below(3)).map(|_| leg(dice, bank)).collect())
        .collect();
    let instructions: Vec<String> = transfers
        .iter()
        .map(|legs| transfer(dice, stamp, legs))
        .collect();
    let (message_id, body) = stamp.body(atomic, &instructions);
    Sent {
        submitter: BANKS[bank],
        message_id,
        body,
        content: Content::Pay { atomic, transfers },
        answer: None,
        erasing: false,
    }
}

/// What is more than a payment, by a random bank; or the end of a window, by the operator.
pub(crate) fn rich(dice: &mut Dice, stamp: &dyn Stamp, watch: &dyn Watch, rich: &Rich) -> Sent {
    let bank = usize::try_from(dice.below(3)).unwrap();
    let (submitter, wishes) = match dice.below(12) {
        0 => ("operators", vec![Rich::close(watch)]),
        _ => (BANKS[bank], rich.wishes(dice, bank, watch)),
    };
    let (message_id, body) = stamp.body(dice.below(4) == 0, &wishes);
    Sent {
        submitter,
        message_id,
        body,
        content: Content::Rich,
        answer: None,
        erasing: false,
    }
}

/// The erasure of an entry's body, by the operator.
pub(crate) fn erasure(stamp: &dyn Stamp, index: u64) -> Sent {
    let id = stamp.id();
    let instruction =
        format!(r#"{{"erase":{{"id":"{id}","entry_index":{index},"basis":"GDPR 17"}}}}"#);
    let (message_id, body) = stamp.body(false, &[instruction]);
    Sent {
        submitter: "operators",
        message_id,
        body,
        content: Content::Erase(index),
        answer: None,
        erasing: false,
    }
}

fn leg(dice: &mut Dice, bank: usize) -> Leg {
    let mut side = |from: u64, of: u64| usize::try_from(from + dice.below(of)).unwrap();
    let debit = 2 * bank + side(0, 2);
    let credit = (debit + side(1, 5)) % ACCOUNTS.len();
    Leg {
        debit: ACCOUNTS[debit],
        credit: ACCOUNTS[credit],
        cents: i128::from(1 + dice.below(4_000)),
    }
}

fn transfer(dice: &mut Dice, stamp: &dyn Stamp, legs: &[Leg]) -> String {
    let id = stamp.id();
    let legs: Vec<String> = legs
        .iter()
        .map(|leg| {
            let Leg {
                debit,
                credit,
                cents,
            } = leg;
            let amount = money(*cents);
            format!(
                r#"{{"debit":"{debit}","credit":"{credit}","asset":"USD","amount":"{amount}"}}"#
            )
        })
        .collect();
    let text = match dice.below(2) {
        0 => String::new(),
        _ => format!(r#","remittance":"invoice {}""#, dice.below(1_000_000)),
    };
    let legs = legs.join(",");
    format!(r#"{{"transfer":{{"id":"{id}","legs":[{legs}]{text}}}}}"#)
}
