#![deny(warnings)]

#[zp::task]
fn count<T: PartialEq>(items: &[T], keep: impl Fn(&T) -> bool, names: impl IntoIterator<Item = impl AsRef<str>>) -> usize {
    let letters: usize = names.into_iter().map(|name| name.as_ref().len()).sum();
    items.iter().filter(|item| keep(item)).count() + letters
}

#[zp::task]
fn by_reference(f: &impl Fn(&str) -> usize, g: &mut impl FnMut()) -> usize {
    g();
    f("abc")
}

#[zp::task]
fn lifetimes_in_bounds<'x>(words: impl IntoIterator<Item = &'x str> + Send, f: &(impl Fn(&str) -> usize + Sync + 'x)) -> usize {
    words.into_iter().map(f).sum()
}

fn main() {
    let word = String::from("word");
    let n = zp::scope(|s| s.spawn(lifetimes_in_bounds::new([&*word], &|word: &str| word.len())).join());
    assert_eq!(n, 4);
    let items = [1, 2, 3];
    let n = zp::scope(|s| {
        s.spawn(count { items: &items, keep: |&n: &i32| n > 1, names: ["a", "b"] }).join()
    });
    assert_eq!(n, 4);
    let mut calls = 0;
    let n = zp::scope(|s| {
        let mut g = || calls += 1;
        by_reference(&|text: &str| text.len(), &mut g) + s.spawn(|| 1).join()
    });
    assert_eq!((n, calls), (4, 1));
    let (n, m) = zp::join!(count(&items, |&n| n == 1, ["x"]), count::<i32>(&[], |_| true, Vec::<String>::new()));
    assert_eq!((n, m), (2, 0));
}
