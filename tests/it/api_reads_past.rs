//! Balances, history and statements hold against a tiny model: a list of signed amounts.

use quittance::ledger::Time;
use quittance::node::{At, HistoryQuery, ReadError, StatementQuery};
use quittance::wire::{Bound, Cursor, Direction, StatementCursor};

use crate::kit::{Sandbox, assert_good};

const A: &str = "bank-a:usd";

/// A sandbox in which money went back and forth, and the posted minor units of A after each entry;
/// `None` before it was opened.
fn busy() -> (Sandbox, Vec<Option<i128>>) {
    let sandbox = Sandbox::new();
    let keys = ["bank-a", "bank-b"].map(|name| sandbox.bank(name));
    sandbox.asset("USD");
    sandbox.account("bank-b", "bank-b:usd", "USD", "500.00");
    let before = usize::try_from(sandbox.node().reader().size()).unwrap();
    sandbox.account("bank-a", A, "USD", "100.00");
    let mut model = vec![None; before];
    model.push(Some(10_000));
    for n in 0..60_i128 {
        let posted = model.last().copied().flatten().unwrap();
        let (who, debit, credit, sign) = match n % 3 {
            0 => (1, "bank-b:usd", A, 1),
            _ => (0, A, "bank-b:usd", -1),
        };
        // Now and then several legs on one account in one entry, and entries that leave it alone.
        let legs = 1 + n % 4;
        let pay = |_| sandbox.transfer(debit, credit, "USD", &format!("0.{:02}", n + 1));
        let body = sandbox.body(&(0..legs).map(pay).collect::<Vec<_>>());
        let name = ["bank-a", "bank-b"][who];
        assert_good(&sandbox.submit(name, &[&keys[who]], &body));
        model.push(Some(posted + sign * legs * (n + 1)));
        if n % 7 == 0 {
            sandbox.account("bank-b", &format!("bank-b:{n}"), "USD", "0");
            model.push(model.last().copied().flatten());
        }
    }
    (sandbox, model)
}

fn minor(text: &str) -> i128 {
    text.replace('.', "").parse().unwrap()
}

fn check_every_index(sandbox: &Sandbox, model: &[Option<i128>]) {
    let (reader, viewer) = (sandbox.node().reader(), sandbox.viewer("bank-a"));
    assert_eq!(reader.size(), model.len() as u64);
    for (index, expected) in (0_u64..).zip(model) {
        match (reader.account_at(A, &viewer, At::Index(index)), expected) {
            (Ok(view), Some(posted)) => {
                assert_eq!((minor(&view.posted), view.at_index), (*posted, index));
            }
            (Err(ReadError::NotOpened(opened)), None) => assert!(opened > index),
            (found, _) => panic!("{index}: {found:?}, not {expected:?}"),
        }
        let (listed, _) = reader.accounts(&viewer, None, 9, At::Index(index)).unwrap();
        assert_eq!(listed.len(), usize::from(expected.is_some()), "{index}");
    }
    let beyond = At::Index(model.len() as u64);
    let beyond = reader.account_at(A, &viewer, beyond);
    assert!(matches!(beyond, Err(ReadError::BeyondLog(_))), "{beyond:?}");
}

#[test]
fn a_balance_is_exact_at_every_index() {
    let (mut sandbox, model) = busy();
    check_every_index(&sandbox, &model);
    // From the store alone, the marks forgotten.
    sandbox.reopen();
    check_every_index(&sandbox, &model);
}

#[test]
fn a_time_is_the_last_entry_at_or_before_it() {
    let (sandbox, model) = busy();
    let (reader, viewer) = (sandbox.node().reader(), sandbox.viewer("bank-a"));
    let history = all_history(&sandbox, &HistoryQuery::default(), 200);
    for row in history.iter().step_by(5) {
        for nanos in [0, 1] {
            let time = Time::from_nanos(row.time.nanos() - nanos);
            let at = reader.account_at(A, &viewer, At::Time(time));
            match (at, model[(row.index - nanos) as usize]) {
                (Ok(view), Some(posted)) => {
                    assert_eq!(view.at_index, row.index - nanos);
                    assert_eq!(minor(&view.posted), posted);
                }
                (Err(ReadError::NotOpened(_)), None) => {}
                (found, expected) => panic!("{found:?}, not {expected:?}"),
            }
        }
    }
    let now = sandbox.node().clock().now_ns();
    let at = |nanos| reader.account_at(A, &viewer, At::Time(Time::from_nanos(nanos)));
    assert_eq!(at(now).unwrap().at_index, model.len() as u64 - 1);
    assert!(matches!(
        at(now + 3_600_000_000_000),
        Err(ReadError::TimeAhead(_))
    ));
    assert!(matches!(at(1), Err(ReadError::BeforeLog(_))));
}

#[test]
fn limits_and_status_are_those_of_then() {
    let sandbox = Sandbox::new();
    sandbox.bank("bank-a");
    sandbox.asset("USD");
    sandbox.account("bank-a", A, "USD", "0");
    let opened = sandbox.node().reader().size() - 1;
    let limit = |line: &str| {
        let id = sandbox.id();
        assert_good(&sandbox.govern(&[format!(
            r#"{{"set_limits":{{"id":"{id}","address":"{A}","credit_line":"{line}"}}}}"#
        )]));
    };
    limit("5.00");
    limit("7.00");
    let id = sandbox.id();
    assert_good(&sandbox.govern(&[format!(
        r#"{{"close_account":{{"id":"{id}","address":"{A}"}}}}"#
    )]));
    let (reader, viewer) = (sandbox.node().reader(), sandbox.viewer("bank-a"));
    let seen: Vec<_> = (opened..reader.size())
        .map(|index| {
            let view = reader.account_at(A, &viewer, At::Index(index)).unwrap();
            let status = serde_json::to_value(view.status).unwrap();
            (
                view.credit_line,
                view.available,
                status.as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let line = |line: &str, status: &str| (line.to_owned(), line.to_owned(), status.to_owned());
    assert_eq!(
        seen,
        [
            line("0.00", "active"),
            line("5.00", "active"),
            line("7.00", "active"),
            line("7.00", "closed")
        ]
    );
}

fn all_history(
    sandbox: &Sandbox,
    query: &HistoryQuery,
    limit: usize,
) -> Vec<quittance::wire::HistoryRow> {
    let (reader, viewer) = (sandbox.node().reader(), sandbox.viewer("bank-a"));
    let (mut rows, mut query) = (Vec::new(), query.clone());
    loop {
        let page = reader.history(A, &viewer, &query, limit).unwrap();
        rows.extend(page.items);
        match page.next {
            None => return rows,
            next => query.cursor = next,
        }
    }
}

#[test]
fn history_is_complete_and_its_times_cut_where_they_should() {
    let (sandbox, model) = busy();
    let all = all_history(&sandbox, &HistoryQuery::default(), 7);
    assert!(
        all.iter()
            .is_sorted_by_key(|row| std::cmp::Reverse((row.index, row.item)))
    );
    let mut posted = 0;
    for row in all.iter().rev() {
        posted += signed(row);
        assert_eq!(minor(&row.balance), posted);
    }
    assert_eq!(Some(posted), model.last().copied().flatten());
    let (newest, oldest) = (&all[10], &all[40]);
    let query = HistoryQuery {
        from_time: Some(oldest.time),
        to_time: Some(newest.time),
        ..HistoryQuery::default()
    };
    let cut = all_history(&sandbox, &query, 3);
    let expected = all
        .iter()
        .filter(|r| (oldest.time..newest.time).contains(&r.time));
    assert_eq!(cut, expected.cloned().collect::<Vec<_>>());
    // A cursor outside the times, of another account's item, or of none, is no cursor.
    let (reader, viewer) = (sandbox.node().reader(), sandbox.viewer("bank-a"));
    for text in [format!("{}.1", newest.index), "0.1".into(), "9999.1".into()] {
        let cursor = Some(text.parse::<Cursor>().unwrap());
        let page = reader.history(
            A,
            &viewer,
            &HistoryQuery {
                cursor,
                ..query.clone()
            },
            3,
        );
        assert!(matches!(page, Err(ReadError::Cursor)), "{text}: {page:?}");
    }
}

fn signed(row: &quittance::wire::HistoryRow) -> i128 {
    match row.direction {
        Direction::Credit => minor(&row.amount),
        Direction::Debit => -minor(&row.amount),
    }
}

#[test]
fn opening_and_items_are_closing_over_every_range() {
    let (sandbox, model) = busy();
    let (reader, viewer) = (sandbox.node().reader(), sandbox.viewer("bank-a"));
    let size = model.len() as u64;
    let posted = |bound: u64| match bound.checked_sub(1) {
        None => 0,
        Some(index) => model[index as usize].unwrap_or(0),
    };
    for from in (0..=size).step_by(3) {
        for to in (from..=size).step_by(5) {
            let mut query = StatementQuery {
                from: Some(Bound::Index(from)),
                to: Some(Bound::Index(to)),
                cursor: None,
            };
            let (mut sum, mut pages, mut last) = (0, 0, None);
            loop {
                let page = match reader.statement(A, &viewer, &query, 6) {
                    Ok(page) => page,
                    Err(ReadError::NotOpened(opened)) => {
                        assert!(to <= opened);
                        break;
                    }
                    Err(error) => panic!("{from}..{to}: {error}"),
                };
                assert_eq!(minor(&page.opening_balance), posted(from));
                assert_eq!(minor(&page.closing_balance), posted(to));
                let moved = minor(&page.total_credits) - minor(&page.total_debits);
                assert_eq!(posted(from) + moved, posted(to));
                for row in &page.items {
                    assert!((from..to).contains(&row.index));
                    assert!(last < Some((row.index, row.item)));
                    last = Some((row.index, row.item));
                    sum += signed(row);
                    assert_eq!(minor(&row.balance), posted(from) + sum);
                }
                pages += 1;
                assert!(pages < 100 && !page.interim);
                match page.next {
                    None => {
                        assert_eq!(posted(from) + sum, posted(to), "{from}..{to}");
                        break;
                    }
                    next => query.cursor = next,
                }
            }
        }
    }
}

#[test]
fn a_statement_keeps_its_end_while_the_log_grows() {
    let (sandbox, model) = busy();
    let size = model.len() as u64;
    let viewer = sandbox.viewer("bank-a");
    let mut query = StatementQuery::default();
    let (mut rows, mut closing) = (Vec::new(), Vec::new());
    loop {
        let page = sandbox
            .node()
            .reader()
            .statement(A, &viewer, &query, 9)
            .unwrap();
        assert_eq!(
            (page.from_index, page.to_index, page.interim),
            (0, size, true)
        );
        closing.push(page.closing_balance);
        rows.extend(page.items);
        let id = sandbox.id();
        assert_good(&sandbox.govern(&[format!(
            r#"{{"issue":{{"id":"{id}","account":"{A}","amount":"1.00"}}}}"#
        )]));
        match page.next {
            None => break,
            next => query.cursor = next,
        }
    }
    closing.dedup();
    assert_eq!(closing.len(), 1);
    let sum: i128 = rows.iter().map(signed).sum();
    assert_eq!(Some(sum), model.last().copied().flatten());
    refuses_cursors(&sandbox, size, &rows[0]);
}

fn refuses_cursors(sandbox: &Sandbox, size: u64, row: &quittance::wire::HistoryRow) {
    let after = quittance::ledger::ItemRef {
        index: row.index,
        item: row.item,
    };
    let good = StatementCursor {
        from: 0,
        to: size,
        after,
    };
    let viewer = sandbox.viewer("bank-a");
    let wrong = [
        StatementCursor {
            to: 1 << 40,
            ..good
        },
        StatementCursor {
            from: row.index + 1,
            ..good
        },
        StatementCursor {
            to: row.index,
            ..good
        },
        StatementCursor {
            after: quittance::ledger::ItemRef {
                item: 77,
                ..good.after
            },
            ..good
        },
        StatementCursor {
            after: quittance::ledger::ItemRef { index: 0, item: 1 },
            ..good
        },
    ];
    for cursor in wrong {
        let query = StatementQuery {
            cursor: Some(cursor),
            ..StatementQuery::default()
        };
        let page = sandbox.node().reader().statement(A, &viewer, &query, 9);
        assert!(matches!(page, Err(ReadError::Cursor)), "{cursor}: {page:?}");
    }
}
