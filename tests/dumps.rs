//! What is in a core dump (covers E13): buffers of an ordinary pool, and none of a pool whose memory is excluded. A process that
//! holds both kinds is aborted, and its core file is searched.

#[cfg(all(target_os = "linux", not(miri)))]
mod linux {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use std::io::Write as _;
    use std::os::unix::process::ExitStatusExt;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output};
    use std::{env, fs, io, process};
    use zp::{Buf, BufferPool, Protections};

    /// Set in the process that is to be dumped.
    const DUMPED: &str = "ZEROPOOL_TEST_DUMPED";
    const TEST: &str = "linux::excluded_buffers_are_in_no_core_dump";

    /// The upper half of each word of a secret; the lower is the word's number.
    const EXCLUDED: u32 = 0x5EC3_E701;
    const PLAIN: u32 = 0x5EC3_E702;
    const HEAP: u32 = 0x5EC3_E703;

    /// Words of eight bytes in each secret.
    const WORDS: usize = BYTES / 8;
    const BYTES: usize = 64 * 64 + 4096 + (300 << 10) + (17 << 20);

    /// Of a secret that is not in a dump some words may be, as they were in registers. The least that is dumped is a page, with
    /// 512 of them.
    const WORDS_IN_PASSING: usize = 64;

    fn fill(bytes: &mut [u8], tag: u32, first: usize) {
        for (n, word) in (first..).zip(bytes.chunks_exact_mut(8)) {
            word.copy_from_slice(&((u64::from(tag) << 32) | n as u64).to_ne_bytes());
        }
    }

    /// How many different words of a secret are in the file. They are at multiples of eight in memory, and a dump has whole pages.
    fn words_of(tag: u32, dump: &[u8]) -> usize {
        let mut found = vec![false; WORDS];
        for word in dump.chunks_exact(8) {
            let word = u64::from_ne_bytes(word.try_into().unwrap());
            if word >> 32 == u64::from(tag)
                && let Some(found) = found.get_mut(word as u32 as usize)
            {
                *found = true;
            }
        }
        found.into_iter().filter(|&found| found).count()
    }

    /// Small blocks that share a page, blocks of one page and of many, and one too large to be kept.
    fn secret(pool: &BufferPool, tag: u32) -> Vec<Buf> {
        let lens = [64; 64].into_iter().chain([4096, 300 << 10, 17 << 20]);
        let mut first = 0;
        let fill = |len: usize| {
            let mut buf = pool.get(len);
            fill(&mut buf, tag, first);
            first += len / 8;
            buf
        };
        lens.map(fill).collect()
    }

    /// `VmFlags` of the mapping around the buffer has `dd`.
    fn is_marked(buf: &Buf) -> bool {
        let address = buf.as_ptr().addr();
        let maps = fs::read_to_string("/proc/self/smaps").unwrap();
        let mut is_around = false;
        for line in maps.lines() {
            let mut words = line.split(' ');
            let first = words.next().unwrap();
            if let Some((start, end)) = first.split_once('-') {
                let number = |text| usize::from_str_radix(text, 16).unwrap();
                is_around = (number(start)..number(end)).contains(&address);
            } else if is_around && first == "VmFlags:" {
                return words.any(|flag| flag == "dd");
            }
        }
        panic!("no mapping around a buffer");
    }

    /// The process that is dumped.
    fn hold_secrets_and_abort() {
        let excluded = BufferPool::builder().exclude_from_dumps(true).build();
        let held = [
            secret(&excluded.unwrap(), EXCLUDED),
            secret(&BufferPool::new(), PLAIN),
        ];
        let mut heap = vec![0; BYTES];
        fill(&mut heap, HEAP, 0);
        let marked = held
            .each_ref()
            .map(|bufs| bufs.iter().filter(|buf| is_marked(buf)).count());
        // As much as may be, whatever the limit was.
        let limit = getrlimit(Resource::Core).maximum;
        let limit = Rlimit {
            current: limit,
            maximum: limit,
        };
        let limited = setrlimit(Resource::Core, limit);
        println!("marked {marked:?}, limit {limit:?} {limited:?}");
        std::hint::black_box((&held, &heap));
        process::abort();
    }

    /// An empty directory that goes at the end.
    struct Directory(PathBuf);

    impl Directory {
        fn new() -> Self {
            let name = format!("dumps-{}", process::id());
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// The core file of a process that was aborted in the directory, or why there is none.
    fn core_file(directory: &Path, output: &Output) -> Result<Vec<u8>, String> {
        let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern")
            .map_err(|error| format!("core_pattern cannot be read: {error}"))?;
        let pattern = pattern.trim();
        // Given to a program, or written to a place that is not ours.
        if pattern.starts_with('|') || pattern.contains('/') {
            return Err(format!(
                "core_pattern is `{pattern}`, not a plain file name"
            ));
        }
        if !output.status.core_dumped() {
            return Err(format!("the kernel wrote no core file: {}", output.status));
        }
        let file = fs::read_dir(directory).unwrap().next();
        let file = file.ok_or("there is no core file in the working directory")?;
        fs::read(file.unwrap().path()).map_err(|error| format!("cannot be read: {error}"))
    }

    #[test]
    fn excluded_buffers_are_in_no_core_dump() {
        if env::var_os(DUMPED).is_some() {
            return hold_secrets_and_abort();
        }
        assert!(
            Protections::available().dump_exclusion(),
            "every Linux has it"
        );
        let directory = Directory::new();
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", TEST, "--nocapture"])
            .env(DUMPED, "1")
            .current_dir(&directory.0)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{said}");
        assert!(said.contains("marked [67, 0]"), "{said}");

        match core_file(&directory.0, &output) {
            Ok(dump) => {
                let [excluded, plain, heap] =
                    [EXCLUDED, PLAIN, HEAP].map(|tag| words_of(tag, &dump));
                println!("words in the dump: {excluded} excluded, {plain} plain, {heap} heap");
                assert_eq!(heap, WORDS, "the dump is not complete");
                assert_eq!(plain, WORDS, "an ordinary buffer is in a dump");
                assert!(excluded <= WORDS_IN_PASSING, "{excluded} words of a secret");
            }
            // Not `eprintln`, which is shown only if the test fails.
            Err(why) => writeln!(
                io::stderr(),
                "\n!!! NO CORE FILE COULD BE HAD: {why}.\n!!! {TEST} looked at the kernel's marks (`dd` in smaps) only. {said}"
            )
            .unwrap(),
        }
    }
}
