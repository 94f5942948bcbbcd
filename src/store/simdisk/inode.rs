//! What a power cut does to one file.

/// The unit in which a power cut tears a write, in bytes.
pub const SECTOR: usize = 512;

#[derive(Clone, Default)]
pub(super) struct Inode {
    pub(super) now: Vec<u8>,
    pub(super) synced: Vec<u8>,
    pub(super) changes: Vec<Change>,
}

#[derive(Clone)]
pub(super) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Length(usize),
}

impl Inode {
    pub(super) fn change(&mut self, change: Change) {
        change.apply_whole(&mut self.now);
        self.changes.push(change);
    }

    pub(super) fn sync(&mut self) {
        for change in self.changes.drain(..) {
            change.apply_whole(&mut self.synced);
        }
    }

    pub(super) fn power_cut(&mut self, dice: &mut Dice) {
        for change in self.changes.drain(..) {
            match dice.below(3) {
                0 => change.apply_whole(&mut self.synced),
                1 => {}
                _ => change.apply_torn(&mut self.synced, dice),
            }
        }
        self.now.clone_from(&self.synced);
    }
}

impl Change {
    fn apply_whole(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => write(file, *offset, bytes),
            Self::Length(length) => file.resize(*length, 0),
        }
    }

    fn apply_torn(&self, file: &mut Vec<u8>, dice: &mut Dice) {
        match self {
            Self::Write { offset, bytes } => {
                let mut done = 0;
                while done < bytes.len() {
                    let start = offset + done;
                    let size = (SECTOR - start % SECTOR).min(bytes.len() - done);
                    if dice.below(2) == 0 {
                        write(file, start, &bytes[done..done + size]);
                    }
                    done += size;
                }
            }
            Self::Length(length) => file.resize(*length, 0),
        }
    }
}

fn write(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(bytes);
}

/// SplitMix64: small, seeded, good enough to throw dice with.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}
