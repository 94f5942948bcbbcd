use super::*;

const fn reserved(urgent: u128, high: u128) -> Reserved {
    Reserved { urgent, high }
}

const fn asks(urgent: u128, high: u128, normal: u128) -> Asks {
    Asks {
        urgent,
        high,
        normal,
    }
}

#[test]
fn everybody_sees_what_is_theirs() {
    let here = reserved(60, 30);
    assert_eq!(here.needs(asks(0, 0, 0)), 0);
    assert_eq!(here.needs(asks(100, 0, 0)), 100, "all of it");
    assert_eq!(here.needs(asks(0, 40, 0)), 100, "beside what is urgent");
    assert_eq!(
        here.needs(asks(0, 0, 10)),
        100,
        "beside all that is reserved"
    );
    assert_eq!(here.needs(asks(60, 30, 10)), 100, "each out of its own");
    assert_eq!(here.needs(asks(70, 0, 1)), 101, "urgent ones first");
    assert_eq!(here.needs(asks(70, 30, 0)), 100);
}

#[test]
fn what_is_used_is_used_in_its_order() {
    let here = reserved(60, 30);
    // Of 100 ten are for everybody.
    assert_eq!(here.after(100, asks(0, 0, 10)), here);
    assert_eq!(here.after(100, asks(20, 0, 0)), reserved(40, 30));
    assert_eq!(here.after(100, asks(70, 0, 0)), reserved(0, 30));
    assert_eq!(here.after(100, asks(75, 0, 0)), reserved(0, 25));
    assert_eq!(here.after(100, asks(0, 40, 0)), reserved(60, 0));
    assert_eq!(here.after(100, asks(70, 30, 0)), reserved(0, 0));
    // There is less than is reserved: what is there is for urgent ones first.
    assert_eq!(here.needs(asks(0, 5, 0)), 65);
    assert_eq!(here.after(70, asks(65, 0, 0)), reserved(0, 25));
}

/// Whatever is paid, nobody takes what is another's, and what is left is what was not used.
#[test]
fn a_reservation_holds_for_all_small_numbers() {
    let few = 0..6u128;
    let all = |f: &mut dyn FnMut(u128, Reserved, Asks)| {
        for n in 0..6u32.pow(6) {
            let digit = |place: u32| u128::from(n / 6u32.pow(place) % 6);
            let held = reserved(digit(0), digit(1));
            f(digit(2) * 3, held, asks(digit(3), digit(4), digit(5)));
        }
    };
    assert_eq!(few.count(), 6);
    all(&mut |own, here, asks| {
        let sum = asks.urgent + asks.high + asks.normal;
        if here.needs(asks) > own {
            return;
        }
        assert!(sum <= own, "more was paid than there is");
        let (after, left) = (here.after(own, asks), own - sum);
        assert!(after.urgent <= here.urgent && after.high <= here.high);
        if asks.normal > 0 {
            assert!(after.sum() <= left, "what is normal took what is reserved");
        }
        if asks.high + asks.normal > 0 {
            assert!(after.urgent <= left, "what is high took what is urgent's");
        }
        let used = here.sum() - after.sum();
        assert!(used <= asks.urgent + asks.high);
        // One more of anything asks for no less.
        for more in [
            Asks {
                urgent: asks.urgent + 1,
                ..asks
            },
            Asks {
                high: asks.high + 1,
                ..asks
            },
            Asks {
                normal: asks.normal + 1,
                ..asks
            },
        ] {
            assert!(here.needs(more) >= here.needs(asks));
        }
    });
}

#[test]
fn the_past_is_kept_as_far_as_it_goes() {
    let mut reservation = Reservation::default();
    reservation.set(5, reserved(9, 0));
    reservation.set(5, reserved(10, 0));
    reservation.set(7, reserved(3, 0));
    let at = |reservation: &Reservation, index| reservation.at(index).map(|r| r.urgent);
    for (index, then) in [(4, 0), (5, 10), (6, 10), (7, 3), (99, 3)] {
        assert_eq!(at(&reservation, index), Some(then), "after entry {index}");
    }
    for n in 0..RESERVATIONS_KEPT as u64 {
        reservation.set(100 + n, reserved(u128::from(n), 0));
    }
    assert_eq!(at(&reservation, 6), None, "forgotten");
    assert_eq!(at(&reservation, 7), Some(3), "the oldest that is kept");
}
