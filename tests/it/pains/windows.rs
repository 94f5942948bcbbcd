//! Windows of netting, closed while everybody pays.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use quittance::assets::modules;
use quittance::ledger::{Message, ModelId, Step, apply};
use quittance::node::{Node, Reply};
use quittance::wire::{WindowState, WindowView};

use crate::kit::{Sandbox, assert_good, body_at, codes, futures_block, id, submission};
use crate::ledger_tables::{Run, cycle_instruction, started};

const MODEL: &str = "
operators {
  model ach USD manual 60                                                -> APPLIED
  join ach bank-a:usd 100                                                -> APPLIED
  join ach bank-b:usd 100                                                -> APPLIED
  join ach bank-c:usd 100                                                -> APPLIED
}
";

const BANKS: [&str; 3] = ["bank-a", "bank-b", "bank-c"];

/// What the banks cleared: the entry, who paid whom, cents.
type Cleared = (u64, usize, usize, i128);

fn sandbox() -> (Sandbox, Vec<keys::SigningKey>) {
    let sandbox = Sandbox::new();
    let keys = BANKS.map(|name| sandbox.bank(name));
    sandbox.asset("USD");
    for bank in BANKS {
        sandbox.account(bank, &format!("{bank}:usd"), "USD", "1000.00");
    }
    let mut wishes = vec![format!(
        r#"{{"open_model":{{"id":"{}","model":"ach","asset":"USD","close":"manual","funding_s":60}}}}"#,
        sandbox.id()
    )];
    for bank in BANKS {
        wishes.push(format!(
            r#"{{"join_model":{{"id":"{}","model":"ach","account":"{bank}:usd","net_debit_cap":"1000.00"}}}}"#,
            sandbox.id()
        ));
    }
    assert_good(&sandbox.govern(&wishes));
    (sandbox, keys.into())
}

/// One bank clears payments to the two others.
fn clears(node: &Node, bank: usize, key: &keys::SigningKey) -> Vec<Cleared> {
    let mut cleared = Vec::new();
    for n in 0..60 {
        let (to, cents) = ((bank + 1 + n % 2) % 3, 1 + (n as i128 * 37) % 90);
        let wish = format!(
            r#"{{"clear":{{"id":"{}","model":"ach","payments":[{{"from":"{}","to":"{}","amount":"0.{cents:02}"}}]}}}}"#,
            id(node),
            BANKS[bank],
            BANKS[to]
        );
        let body = body_at(node, &[wish]);
        let reply = futures_block(node.submit(submission(node, BANKS[bank], &[key], &body)));
        let reply = reply.unwrap();
        assert_eq!(codes(&reply), ["CLEARED"]);
        let Reply::Applied(applied) = reply else {
            panic!("{reply:?}")
        };
        cleared.push((applied.logged.entry.index, bank, to, cents));
    }
    cleared
}

/// The operators close the window; says whether they could.
fn close(sandbox: &Sandbox) -> bool {
    let wish = format!(
        r#"{{"close_window":{{"id":"{}","model":"ach"}}}}"#,
        sandbox.id()
    );
    match codes(&sandbox.govern(&[wish]))[..] {
        ["APPLIED"] => true,
        ["WINDOWS_TOO_MANY"] => false,
        ref other => panic!("{other:?}"),
    }
}

fn window(sandbox: &Sandbox, number: u64) -> WindowView {
    let name: ModelId = "ach".parse().unwrap();
    let reader = sandbox.node().reader();
    reader.cycle(&name, number, &sandbox.auditor()).unwrap()
}

/// What a window's nets must be: of the payments whose entries are in it.
fn nets(cleared: &[Cleared], view: &WindowView) -> BTreeMap<String, i128> {
    let (from, to) = (view.from_index, view.to_index.unwrap());
    let mut nets = BTreeMap::new();
    for (index, debtor, creditor, cents) in cleared {
        if (from..=to).contains(index) {
            *nets.entry(BANKS[*debtor].to_owned()).or_default() -= cents;
            *nets.entry(BANKS[*creditor].to_owned()).or_default() += cents;
        }
    }
    nets
}

fn minor(text: &str) -> i128 {
    text.replace('.', "").parse().unwrap()
}

/// Windows were closed while payments came in, and afterwards positions and settled balances did not
/// agree: a payment was in the position and in no settlement, or the other way round.
#[test]
fn pain_05_balances_are_right_after_windows_close_under_load() {
    let (sandbox, keys) = sandbox();
    let (node, done) = (sandbox.node(), AtomicBool::new(false));
    let (mut closes, mut cleared) = (0_u64, Vec::new());
    std::thread::scope(|scope| {
        let banks: Vec<_> = (0..3)
            .map(|bank| {
                scope.spawn({
                    let key = &keys[bank];
                    move || clears(node, bank, key)
                })
            })
            .collect();
        let waits = scope.spawn(|| {
            let all: Vec<_> = banks.into_iter().map(|bank| bank.join()).collect();
            done.store(true, Ordering::Relaxed);
            all
        });
        while !done.load(Ordering::Relaxed) && closes < 40 {
            closes += u64::from(close(&sandbox));
        }
        for of_bank in waits.join().unwrap() {
            cleared.extend(of_bank.unwrap());
        }
    });
    let end = Instant::now() + Duration::from_secs(60);
    while !close(&sandbox) {
        assert!(Instant::now() < end, "no window settles");
    }
    closes += 1;
    assert!(
        closes > 3,
        "{closes} closes beside {} payments",
        cleared.len()
    );
    let (mut counted, mut next) = (0, None);
    let mut balances: BTreeMap<String, i128> = BANKS
        .iter()
        .map(|bank| ((*bank).to_owned(), 100_000))
        .collect();
    for number in 1..=closes {
        let view = loop {
            let view = window(&sandbox, number);
            if view.state == WindowState::Settled {
                break view;
            }
            assert!(Instant::now() < end, "{view:?}");
            std::thread::sleep(Duration::from_millis(10));
        };
        // Windows follow each other without a gap, and without a place in two of them.
        assert!(next.is_none_or(|next| next == view.from_index), "{view:?}");
        next = view.to_index.map(|to| to + 1);
        let found = view.nets.as_ref().unwrap();
        counted += found.iter().map(|net| net.payments).sum::<u64>();
        let net = |net: &quittance::wire::NetView| (net.participant.to_string(), minor(&net.net));
        let found: BTreeMap<_, _> = found.iter().map(net).collect();
        assert_eq!(found, nets(&cleared, &view), "{view:?}");
        assert_eq!(found.values().sum::<i128>(), 0);
        for (bank, net) in found {
            *balances.get_mut(&bank).unwrap() += net;
        }
    }
    assert_eq!(counted, cleared.len() as u64, "each payment in one window");
    for (bank, balance) in balances {
        assert_eq!(minor(&sandbox.posted(&format!("{bank}:usd"))), balance);
    }
    let models = sandbox.node().reader().cycles(&sandbox.auditor()).unwrap();
    for member in &models.items[0].members {
        assert_eq!(member.position, "0.00", "{member:?}");
    }
}

/// How many items it takes to close a window of so many payments, and to settle it.
fn items(payments: usize) -> (usize, usize) {
    let mut run = started();
    run.table(MODEL);
    let mut table = String::new();
    for n in 0..payments.div_ceil(250) {
        let count = (payments - n * 250).min(250);
        let all: Vec<_> = (0..count)
            .map(|m| format!("bank-a {} 0.01", BANKS[1 + m % 2]))
            .collect();
        writeln!(table, "bank-a: clear ach {} -> CLEARED", all.join(", ")).unwrap();
    }
    run.table(&table);
    let close = [cycle_instruction(run.world.id(), "close_window ach")];
    let close = run.world.message("operators", false, close.into());
    let (now, state) = (run.world.now, &mut run.world.state);
    let Step::Applied(closed) = apply(state, now, &close, &modules()) else {
        panic!("the window does not close")
    };
    let Step::Due(settled) = apply(state, now, &Message::of_tick(), &modules()) else {
        panic!("the window does not settle")
    };
    (closed.drafts.len(), settled.drafts.len())
}

/// To close a window took minutes at a hundred thousand payments, and nothing was cleared meanwhile;
/// a settlement that was asked for at once failed.
#[test]
fn pain_06_a_close_costs_what_its_participants_cost_whatever_they_paid() {
    // The close is one item; the settlement is one leg for each of the three.
    assert_eq!(items(3), (1, 3));
    assert_eq!(items(5_000), (1, 3));
    // Nobody waits: the message behind the close is cleared while the window is not settled yet, and
    // settles before any other does.
    let mut run = started();
    run.table(MODEL);
    run.table(
        "
bank-b: clear ach bank-b bank-c 1                                        -> CLEARED
operators: close_window ach                                              -> APPLIED entry 1
window ach 1 waits
bank-b: clear ach bank-b bank-c 1                                        -> CLEARED
bank-a: clear ach bank-a bank-b 2                                        -> CLEARED
window ach 1 waits
window ach 2 open
operators: issue bank-b:usd 1                                            -> SETTLED
tick 1
window ach 1 settled
",
    );
}

/// What each participant's net of a window is, in cents.
fn settled(run: &Run, number: u64) -> Vec<i128> {
    let book = run.world.book();
    let model = book.cycles().model(&"ach".parse().unwrap()).unwrap();
    let window = model.window(number).unwrap();
    let nets = window.nets.iter();
    nets.map(|net| net.turnover.position()).collect()
}

/// Payments were in no window: those of another version of the interface, or those that were accepted
/// in the moment of a close.
#[test]
fn pain_07_every_payment_that_is_accepted_is_in_the_window_of_its_entry() {
    let mut run = started();
    run.table(MODEL);
    run.table(
        "
// In the very message that closes, before the close; behind it nothing more is accepted there.
bank-a+operators {
  clear ach bank-a bank-b 1                                              -> CLEARED
  close_window ach                                                       -> APPLIED
  clear ach bank-a bank-b 2                                              -> WINDOW_ENDS
}
bank-a: clear ach bank-a bank-b 4                                        -> CLEARED
// What is refused, or taken back with its message, is in none.
bank-a: clear ach bank-a bank-b 1000                                     -> NDC_EXCEEDED leg 0
bank-a atomic {
  clear ach bank-a bank-b 8                                              -> MESSAGE_ABORTED
  clear ach bank-a bank-b 1000                                           -> NDC_EXCEEDED leg 0
}
position ach bank-a -4.00
// Agreed to by others: it is in the window in which it is carried out, not in that of the proposal.
bank-a: #1 propose 60000 [clear ach bank-a bank-b 16, bank-b bank-a 2]    -> PROPOSED
operators: close_window ach                                              -> APPLIED entry 2
bank-b: approve #1                                                       -> CARRIED_OUT
operators: close_window ach                                              -> APPLIED entry 3
tick 1
",
    );
    assert_eq!(settled(&run, 1), [-100, 100]);
    assert_eq!(settled(&run, 2), [-400, 400]);
    assert_eq!(settled(&run, 3), [-1_400, 1_400]);
    run.table(
        "
balance bank-a:usd 81.00 81.00
balance bank-b:usd 19.00 19.00
position ach bank-a 0.00
",
    );
}

/// Each of two windows could be settled, and both together; but when the first was settled alone, who
/// had spent what was coming in it could not fund the second any more.
#[test]
fn pain_08_a_window_that_settles_leaves_the_next_one_fundable() {
    let waiting = "
operators {
  issue bank-b:usd 90                                                    -> SETTLED
  model ach USD manual 60 COUNT                                          -> APPLIED
  join ach bank-a:usd 90                                                 -> APPLIED
  join ach bank-b:usd 90                                                 -> APPLIED
}
bank-a: pay bank-a:usd bank-c:usd USD 95                                 -> SETTLED
bank-a: clear ach bank-a bank-b 10                                       -> CLEARED
operators: close_window ach                                              -> APPLIED
";
    // Where credits that are not settled count, windows settle in their order, never alone: what was
    // coming is there when it is needed.
    let mut run = started();
    run.table(&waiting.replace("COUNT", ""));
    run.table(
        "
bank-b: clear ach bank-b bank-a 100                                      -> CLEARED
operators: close_window ach                                              -> APPLIED
tick 0
window ach 1 waits
window ach 2 waits
operators: issue bank-a:usd 5                                            -> SETTLED
tick 2
window ach 1 settled
window ach 2 settled
balance bank-a:usd 100.00 100.00
balance bank-b:usd 0.00 0.00
",
    );
    // Where they do not count, nobody owes more in all windows together than its own cap.
    let mut run = started();
    run.table(&waiting.replace("COUNT", "none"));
    run.table(
        "
bank-b: clear ach bank-b bank-a 90.01                                    -> NDC_EXCEEDED leg 0
bank-b: clear ach bank-b bank-a 90                                       -> CLEARED
operators: close_window ach                                              -> APPLIED
bank-b: clear ach bank-b bank-a 0.01                                     -> NDC_EXCEEDED leg 0
tick 0
operators: issue bank-a:usd 5                                            -> SETTLED
tick 2
window ach 2 settled
balance bank-a:usd 90.00 90.00
balance bank-b:usd 10.00 10.00
",
    );
}
