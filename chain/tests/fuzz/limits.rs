//! Inputs that a random change does not find: as large as may be, and all of them the dearest form.

use chain::statement::{parse_genesis, parse_session, parse_submission};
use chain::{Checkpoint, Item, NOTE_BYTES_MAX, Note, TilePath, TlogProof, decode_bundle};

use crate::kit::metered;

#[test]
fn a_text_of_lines_costs_no_more_than_another() {
    let text = "\n".repeat(NOTE_BYTES_MAX);
    let bytes = text.as_bytes();
    assert_eq!(metered(bytes, || Checkpoint::parse_text(&text)), None);
    assert_eq!(metered(bytes, || parse_submission(&text)), None);
    assert_eq!(metered(bytes, || parse_session(&text)), None);
    assert_eq!(metered(bytes, || parse_genesis(&text)), None);
    assert_eq!(metered(bytes, || TlogProof::parse(&text)), None);
    assert_eq!(metered(bytes, || Note::parse(bytes)), None);
}

#[test]
fn a_crowd_of_signatures_is_refused_before_it_is_read() {
    let text = format!("text\n\n{}", "\u{2014} a AAAAAAA=\n".repeat(60_000));
    let used = allocation_counter::measure(|| assert!(Note::parse(text.as_bytes()).is_err()));
    assert!(used.bytes_max < 1_000, "{used:?}");
}

#[test]
fn a_count_is_believed_no_further_than_bytes_follow_it() {
    // An authorisation that announces 255 signatures, a leg that announces 255 private parts.
    let mut authorisation = vec![0; 2 + 1 + 1 + 1 + 32 + 8 + 1 + 4 + 1];
    let mut leg = vec![0; 2 + 2 + 4 + 2 + 2 + 16 + 1 + 16 + 16 + 3 + 1];
    leg[1..3].copy_from_slice(&[1, 1]);
    for item in [&mut authorisation, &mut leg] {
        item[0] = 1;
        assert!(Item::parse(item).is_ok());
        *item.last_mut().unwrap() = 255;
        assert_eq!(metered(item, || Item::parse(item)), None);
    }
    let path = TilePath::entries(0, 256).unwrap();
    assert_eq!(metered(&[], || decode_bundle(path, &[])), None);
}
