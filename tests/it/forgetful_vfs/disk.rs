//! A disk that forgets: what was not synced may be gone after a crash, whole, in part, or by sectors.
//! Names are forgotten from the end (a journalling file system keeps their order); bytes in any order.

use std::collections::BTreeMap;

/// What a power cut tears a write into.
const SECTOR_BYTES: usize = 512;

/// What happens at the n-th call that changes the disk. Reads are not counted: nothing is new between two changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    Work,
    CrashAt(u64),
    /// After that many calls every write finds the disk full; half of the first one gets through.
    FullAfter(u64),
    /// The first sync from that call on fails.
    SyncFailsFrom(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    Down,
    Full,
    NotSynced,
}

#[derive(Default)]
struct Inode {
    synced: Vec<u8>,
    now: Vec<u8>,
    pending: Vec<Change>,
}

enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { len: usize },
}

#[derive(Clone)]
enum Naming {
    Link(String, usize),
    Unlink(String),
}

pub struct Disk {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    synced_names: BTreeMap<String, usize>,
    pending_names: Vec<Naming>,
    pub calls: u64,
    pub plan: Plan,
    down: bool,
}

impl Disk {
    pub fn new() -> Self {
        let (names, synced_names) = Default::default();
        Self { inodes: vec![], names, synced_names, pending_names: vec![], calls: 0, plan: Plan::Work, down: false }
    }

    /// The inode of `name`, made where `create` says so; one without a name where there is none.
    pub fn open(&mut self, name: Option<&str>, create: bool) -> Result<Option<usize>, Trouble> {
        if let Some(found) = name.and_then(|name| self.names.get(name)) {
            return Ok(Some(*found));
        }
        if !create {
            return Ok(None);
        }
        self.change()?;
        self.inodes.push(Inode::default());
        let inode = self.inodes.len() - 1;
        if let Some(name) = name {
            self.rename(Naming::Link(name.to_owned(), inode));
        }
        Ok(Some(inode))
    }

    pub fn exists(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    pub fn delete(&mut self, name: &str, sync: bool) -> Result<bool, Trouble> {
        if !self.exists(name) {
            return Ok(false);
        }
        self.change()?;
        self.rename(Naming::Unlink(name.to_owned()));
        if sync {
            self.sync_names();
        }
        Ok(true)
    }

    pub fn len(&self, inode: usize) -> usize {
        self.inodes[inode].now.len()
    }

    /// How many bytes there were to read.
    pub fn read(&self, inode: usize, offset: usize, into: &mut [u8]) -> Result<usize, Trouble> {
        if self.down {
            return Err(Trouble::Down);
        }
        let there = self.inodes[inode].now.get(offset..).unwrap_or_default();
        let count = there.len().min(into.len());
        into[..count].copy_from_slice(&there[..count]);
        Ok(count)
    }

    pub fn write(&mut self, inode: usize, offset: usize, bytes: &[u8]) -> Result<(), Trouble> {
        let full = matches!(self.plan, Plan::FullAfter(at) if self.calls >= at);
        let worked = self.change().and(if full { Err(Trouble::Full) } else { Ok(()) });
        // A crash or a full disk in the middle of a write leaves some of it.
        let written = match worked {
            Ok(()) => bytes,
            Err(Trouble::Full) => &bytes[..bytes.len() / 2],
            Err(Trouble::Down) if Plan::CrashAt(self.calls) == self.plan => bytes,
            Err(Trouble::Down | Trouble::NotSynced) => return worked,
        };
        let it = &mut self.inodes[inode];
        put(&mut it.now, offset, written);
        it.pending.push(Change::Write { offset, bytes: written.to_vec() });
        worked
    }

    pub fn truncate(&mut self, inode: usize, len: usize) -> Result<(), Trouble> {
        self.change()?;
        let it = &mut self.inodes[inode];
        it.now.resize(len, 0);
        it.pending.push(Change::Truncate { len });
        Ok(())
    }

    /// `names` where the file system under SQLite syncs the folder too: the first sync of a new journal.
    pub fn sync(&mut self, inode: usize, names: bool) -> Result<(), Trouble> {
        self.change()?;
        if matches!(self.plan, Plan::SyncFailsFrom(at) if self.calls >= at) {
            self.plan = Plan::Work;
            return Err(Trouble::NotSynced);
        }
        let it = &mut self.inodes[inode];
        it.synced.clone_from(&it.now);
        it.pending.clear();
        if names {
            self.sync_names();
        }
        Ok(())
    }

    /// The power comes back: `chance` decides what was kept of what was not synced.
    pub fn reboot(&mut self, chance: &mut Chance) {
        let memory = match chance.below(4) {
            0 => Memory::Nothing,
            1 => Memory::Everything,
            2 => Memory::Beginning,
            _ => Memory::Sectors,
        };
        self.inodes.iter_mut().for_each(|it| it.reboot(memory, chance));
        let kept = memory.kept(self.pending_names.len(), chance);
        self.pending_names.truncate(kept);
        self.names = self.synced_names.clone();
        for naming in std::mem::take(&mut self.pending_names) {
            naming.apply(&mut self.names);
        }
        self.synced_names = self.names.clone();
        (self.calls, self.plan, self.down) = (0, Plan::Work, false);
    }

    fn change(&mut self) -> Result<(), Trouble> {
        self.calls += 1;
        self.down |= Plan::CrashAt(self.calls) == self.plan;
        if self.down { Err(Trouble::Down) } else { Ok(()) }
    }

    fn rename(&mut self, naming: Naming) {
        naming.apply(&mut self.names);
        self.pending_names.push(naming);
    }

    fn sync_names(&mut self) {
        self.pending_names.clear();
        self.synced_names = self.names.clone();
    }
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Link(name, inode) => names.insert(name.clone(), *inode),
            Self::Unlink(name) => names.remove(name),
        };
    }
}

/// How much of what was not synced a crash leaves.
#[derive(Clone, Copy)]
enum Memory {
    Nothing,
    Everything,
    /// The first changes, the last of them torn.
    Beginning,
    /// Any sectors of any changes.
    Sectors,
}

impl Memory {
    fn kept(self, of: usize, chance: &mut Chance) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Everything => of,
            Self::Beginning | Self::Sectors => chance.below(of + 1),
        }
    }
}

impl Inode {
    fn reboot(&mut self, memory: Memory, chance: &mut Chance) {
        let mut bytes = std::mem::take(&mut self.synced);
        let pending = std::mem::take(&mut self.pending);
        let whole = memory.kept(pending.len(), chance);
        for (n, change) in pending.iter().enumerate() {
            let mut left = match memory {
                Memory::Beginning if n == whole => chance.below(16),
                Memory::Beginning | Memory::Nothing | Memory::Everything => {
                    if n < whole {
                        usize::MAX
                    } else {
                        0
                    }
                }
                Memory::Sectors => usize::MAX,
            };
            change.apply(&mut bytes, &mut || {
                let keep = left > 0 && (!matches!(memory, Memory::Sectors) || chance.below(2) == 0);
                left = left.saturating_sub(1);
                keep
            });
        }
        self.now.clone_from(&bytes);
        self.synced = bytes;
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>, keep: &mut dyn FnMut() -> bool) {
        match self {
            Self::Truncate { len } => {
                if keep() {
                    bytes.resize(*len, 0);
                }
            }
            Self::Write { offset, bytes: written } => {
                let mut at = 0;
                while at < written.len() {
                    let sector = SECTOR_BYTES - (offset + at) % SECTOR_BYTES;
                    let end = written.len().min(at + sector);
                    if keep() {
                        put(bytes, offset + at, &written[at..end]);
                    }
                    at = end;
                }
            }
        }
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, written: &[u8]) {
    let end = offset + written.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(written);
}

/// A small generator of our own (splitmix64), so that a seed means the same for ever.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }
}
