//! The forgetful disk as a file system of SQLite. All unsafe code of the tests is in this file.
//!
//! Why it is sound: SQLite calls these functions only with a file that `open` has filled in, and not after `close`;
//! the disk and the table of functions are leaked, so they outlive every connection; buffers are as long as SQLite
//! says. One connection at a time: locks are granted without looking, and the shared memory is the heap's.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::null_mut;
use std::slice;
use std::sync::{Mutex, MutexGuard};

use rusqlite::ffi;

use super::disk::{Disk, Trouble};

#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    disk: *const Mutex<Disk>,
    inode: usize,
    /// A new rollback journal or write-ahead log: SQLite's own file system syncs the folder with its first sync.
    sync_names: bool,
    shared: *mut Vec<Box<[u64]>>,
}

const METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(lock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
static IO: ffi::sqlite3_io_methods = METHODS;

/// Registers a file system of this name with a disk of its own, for as long as the process lives.
pub fn register(name: &str) -> &'static Mutex<Disk> {
    let disk: &'static Mutex<Disk> = Box::leak(Box::new(Mutex::new(Disk::new())));
    let name = CString::new(name).unwrap().into_raw();
    // SAFETY: the default file system lives as long as SQLite; the new one is leaked.
    unsafe {
        ffi::sqlite3_initialize();
        let system = *ffi::sqlite3_vfs_find(std::ptr::null());
        let ours = ffi::sqlite3_vfs {
            iVersion: 2,
            szOsFile: size_of::<File>() as c_int,
            pNext: null_mut(),
            zName: name,
            pAppData: std::ptr::from_ref(disk).cast_mut().cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            ..system
        };
        assert_eq!(ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 0), ffi::SQLITE_OK);
    }
    disk
}

fn answer(result: Result<(), Trouble>) -> c_int {
    match result {
        Ok(()) => ffi::SQLITE_OK,
        Err(Trouble::Down) => ffi::SQLITE_IOERR,
        Err(Trouble::Full) => ffi::SQLITE_FULL,
        Err(Trouble::NotSynced) => ffi::SQLITE_IOERR_FSYNC,
    }
}

unsafe fn disk<'a>(vfs: *mut ffi::sqlite3_vfs) -> MutexGuard<'a, Disk> {
    // SAFETY: `pAppData` is the leaked disk that `register` put there.
    unsafe { (*(*vfs).pAppData.cast::<Mutex<Disk>>()).lock().unwrap() }
}

unsafe fn parts<'a>(file: *mut ffi::sqlite3_file) -> (&'a mut File, MutexGuard<'a, Disk>) {
    // SAFETY: `open` made this a `File` with a leaked disk, and SQLite uses a file from one thread at a time.
    let file = unsafe { &mut *file.cast::<File>() };
    let disk = unsafe { &*file.disk };
    (file, disk.lock().unwrap())
}

unsafe fn text<'a>(name: *const c_char) -> Option<&'a str> {
    // SAFETY: null, or a string of SQLite's that ends in 0.
    (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_str().unwrap())
}

fn place(offset: ffi::sqlite3_int64) -> usize {
    usize::try_from(offset).unwrap()
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    unsafe {
        (*file).pMethods = std::ptr::null();
        let name = text(name);
        let new = name.is_none_or(|name| !disk(vfs).exists(name));
        let inode = match disk(vfs).open(name, flags & ffi::SQLITE_OPEN_CREATE != 0) {
            Ok(Some(inode)) => inode,
            Ok(None) => return ffi::SQLITE_CANTOPEN,
            Err(trouble) => return answer(Err(trouble)),
        };
        let journal = flags & (ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL) != 0;
        let base = ffi::sqlite3_file { pMethods: &raw const IO };
        let disk = (*vfs).pAppData.cast::<Mutex<Disk>>().cast_const();
        file.cast::<File>().write(File { base, disk, inode, sync_names: new && journal, shared: null_mut() });
        if !out_flags.is_null() {
            *out_flags = flags;
        }
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    let deleted = unsafe { disk(vfs).delete(text(name).unwrap(), sync != 0) };
    match deleted {
        Ok(false) => ffi::SQLITE_IOERR_DELETE_NOENT,
        other => answer(other.map(drop)),
    }
}

unsafe extern "C" fn access(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, _: c_int, found: *mut c_int) -> c_int {
    unsafe { *found = c_int::from(disk(vfs).exists(text(name).unwrap())) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    len: c_int,
    out: *mut c_char,
) -> c_int {
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes_with_nul();
    assert!(bytes.len() <= usize::try_from(len).unwrap());
    unsafe { out.copy_from_nonoverlapping(bytes.as_ptr().cast(), bytes.len()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    unsafe { shm_unmap(file, 1) }
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    len: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let (file, disk) = unsafe { parts(file) };
    let into = unsafe { slice::from_raw_parts_mut(into.cast::<u8>(), usize::try_from(len).unwrap()) };
    match disk.read(file.inode, place(offset), into) {
        Ok(count) if count == into.len() => ffi::SQLITE_OK,
        Ok(count) => {
            into[count..].fill(0);
            ffi::SQLITE_IOERR_SHORT_READ
        }
        Err(trouble) => answer(Err(trouble)),
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    len: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let (file, mut disk) = unsafe { parts(file) };
    let bytes = unsafe { slice::from_raw_parts(from.cast::<u8>(), usize::try_from(len).unwrap()) };
    answer(disk.write(file.inode, place(offset), bytes))
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, len: ffi::sqlite3_int64) -> c_int {
    let (file, mut disk) = unsafe { parts(file) };
    answer(disk.truncate(file.inode, place(len)))
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    let (file, mut disk) = unsafe { parts(file) };
    let synced = disk.sync(file.inode, file.sync_names);
    file.sync_names &= synced.is_err();
    answer(synced)
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut ffi::sqlite3_int64) -> c_int {
    let (file, disk) = unsafe { parts(file) };
    unsafe { *size = disk.len(file.inode).try_into().unwrap() };
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(_: *mut ffi::sqlite3_file, reserved: *mut c_int) -> c_int {
    unsafe { *reserved = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

/// As SQLite's own file system has it on Linux; likewise the next.
unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    len: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    let (file, _disk) = unsafe { parts(file) };
    if file.shared.is_null() {
        file.shared = Box::into_raw(Box::default());
    }
    let regions = unsafe { &mut *file.shared };
    let region = usize::try_from(region).unwrap();
    while extend != 0 && regions.len() <= region {
        regions.push(vec![0; usize::try_from(len).unwrap() / size_of::<u64>()].into_boxed_slice());
    }
    unsafe { *out = regions.get_mut(region).map_or(null_mut(), |it| it.as_mut_ptr().cast()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock(_: *mut ffi::sqlite3_file, _: c_int, _: c_int, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    let (file, _disk) = unsafe { parts(file) };
    if !file.shared.is_null() {
        // SAFETY: made by `shm_map` of this file, and SQLite uses no region after this.
        drop(unsafe { Box::from_raw(file.shared) });
        file.shared = null_mut();
    }
    ffi::SQLITE_OK
}
