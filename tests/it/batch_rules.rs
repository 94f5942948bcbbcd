//! The rules of a binary batch are those of a message: whatever is asked for, in whatever order,
//! both forms end in the same outcomes, balances and chains.

use proptest::prelude::*;
use quittance::ledger::{
    AccountRef, Amount, Batch, BatchTransfer, Draft, Instruction, InstructionId, Leg, Outcome,
    OutcomeRow, Step, Transfer, outcomes,
};

use crate::ledger_tables::Run;
use crate::ledger_world::{MILLISECOND, START, World, batch_message, message};

const SETUP: &str = "
operators: participant bank-a bank 1 bank-a/k1                          -> APPLIED
operators: participant bank-b bank 1 bank-b/k1                          -> APPLIED
operators: asset USD fiat                                               -> APPLIED
operators: asset JPY fiat                                               -> APPLIED
operators: asset EUR fiat                                               -> APPLIED
operators {
  open bank-a:usd bank-a settlement USD                                 -> APPLIED
  open bank-b:usd bank-b settlement USD                                 -> APPLIED
  open bank-a:alice bank-a customer USD                                 -> APPLIED
  open bank-a:jpy bank-a settlement JPY                                 -> APPLIED
  open bank-a:eur bank-a settlement EUR                                 -> APPLIED
  open bank-b:eur bank-b settlement EUR                                 -> APPLIED
  open bank-b:gone bank-b settlement USD                                -> APPLIED
}
operators: issue bank-a:usd 10.00                                       -> SETTLED
operators: issue bank-a:eur 1.00                                        -> SETTLED
operators: limits bank-a:usd max=6.00                                   -> APPLIED
operators: status EUR suspended                                         -> APPLIED
operators: close bank-b:gone                                            -> APPLIED
";

fn started() -> World {
    let mut run = Run::new();
    run.table(SETUP);
    run.world
}

fn rows(step: &Step) -> &[Draft] {
    match step {
        Step::Applied(applied) => &applied.drafts,
        other => panic!("{other:?}"),
    }
}

fn transfer(n: u64, (debit, credit, amount): (u64, u64, u128)) -> BatchTransfer {
    let mut reference = [0; 32];
    reference[31] = 7;
    BatchTransfer {
        debit,
        credit,
        amount,
        reference: n.is_multiple_of(3).then_some(reference),
    }
}

/// The same as an instruction of a message in JSON would be read.
fn instruction(id: InstructionId, t: &BatchTransfer) -> Instruction {
    let leg = Leg {
        debit: AccountRef::Number(t.debit),
        credit: AccountRef::Number(t.credit),
        asset: None,
        amount: Amount::of_minor_units(t.amount),
    };
    Instruction::Transfer(Transfer::of_legs(id, vec![leg]))
}

fn asked() -> impl Strategy<Value = (u64, u64, u128)> {
    let amount = prop_oneof![
        8 => 1u128..700,
        1 => Just(0u128),
        1 => Just(u128::MAX),
        1 => Just((1u128 << 96) - 1),
    ];
    // Accounts that are not there, of others, of other assets, and issuance accounts.
    (0u64..12, 0u64..12, amount)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_batch_does_what_a_message_does(
        batches in prop::collection::vec(
            (prop::collection::vec(asked(), 1..8), any::<bool>(), 0u128..12, any::<bool>()), 1..6),
    ) {
        let (mut by_batch, mut by_json) = (started(), started());
        for (n, (asked, atomic, first, both)) in batches.into_iter().enumerate() {
            // Ids that other batches have used, wholly or in part; sometimes under another time.
            let millis = START / MILLISECOND + (n as u64 % 2);
            let first_id = InstructionId::from_parts(millis, first);
            let transfers: Vec<_> = (0u64..).zip(asked).map(|(n, a)| transfer(n, a)).collect();
            let signers = if both { "bank-a+bank-b" } else { "bank-a" };
            let (id, now) = (format!("m-{n}"), by_batch.now);
            let instructions: Vec<_> = (0u32..)
                .zip(&transfers)
                .map(|(n, t)| instruction(first_id.count_on(n), t))
                .collect();
            let batch = Batch { first_id, transfers };
            let one = by_batch.send(&batch_message(signers, &id, now, atomic, batch));
            let other = by_json.send(&message(signers, &id, now, atomic, instructions));
            let [one, other]: [Vec<OutcomeRow>; 2] = [&one, &other].map(|step| outcomes(rows(step)));
            prop_assert_eq!(one, other);
            prop_assert_eq!(by_batch.chains(), by_json.chains());
            let ids = [&by_batch, &by_json].map(|world| world.state.window().count(1));
            prop_assert_eq!(ids[0], ids[1]);
        }
    }
}

/// Every refusal that a record can meet, in the order in which they are looked for.
#[test]
fn refusals_come_in_order_of_precedence() {
    let mut world = started();
    let at = |address: &str| {
        let address = quittance::ledger::Address::new(address).unwrap();
        started().book().account(&address).unwrap().number
    };
    let (a, b, alice) = (at("bank-a:usd"), at("bank-b:usd"), at("bank-a:alice"));
    let (jpy, eur, eur_b) = (at("bank-a:jpy"), at("bank-a:eur"), at("bank-b:eur"));
    let (gone, issuance) = (at("bank-b:gone"), at("operators:issuance.USD"));
    let cases = [
        ((a, 99, 1), Outcome::AccountUnknown),
        ((99, a, 1), Outcome::AccountUnknown),
        ((b, jpy, 1), Outcome::NotOwner),
        ((b, b, 0), Outcome::NotOwner),
        ((a, jpy, 1), Outcome::AssetMismatch),
        ((eur, eur_b, 1), Outcome::AssetSuspended),
        ((a, a, 0), Outcome::SelfTransfer),
        ((a, issuance, 1), Outcome::PostingNotAllowed),
        ((a, gone, 0), Outcome::AmountZero),
        ((a, gone, 1 << 96), Outcome::AmountTooLarge),
        ((a, gone, 1), Outcome::AccountClosed),
        ((a, b, 601), Outcome::LimitPerTransfer),
        ((alice, b, 1), Outcome::InsufficientFunds),
        ((a, alice, 1), Outcome::Settled),
    ];
    let transfers = (0u64..)
        .zip(cases)
        .map(|(n, (asked, _))| transfer(n, asked));
    let batch = Batch {
        first_id: InstructionId::from_parts(START / MILLISECOND, 5),
        transfers: transfers.collect(),
    };
    let now = world.now;
    let step = world.send(&batch_message("bank-a", "m-1", now, false, batch.clone()));
    let first = world.state.next_index() - 1;
    let found: Vec<Outcome> = outcomes(rows(&step))
        .iter()
        .map(|row| row.outcome)
        .collect();
    assert_eq!(found, cases.map(|(_, outcome)| outcome));
    // All its ids are used up, whatever became of them.
    let again = world.send(&batch_message("bank-a", "m-2", now, false, batch));
    for row in outcomes(rows(&again)) {
        assert_eq!((row.outcome, row.detail), (Outcome::IdAlreadyUsed, first));
    }
}
