//! Questions about raw tokens, for the places where no syntax tree is needed or wanted.

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::quote;

/// Every identifier in `tokens`, at any depth, that can name a variable or a type: names of lifetimes, and of
/// fields and methods after a single dot, are left out.
pub(crate) fn names(tokens: TokenStream) -> Vec<Ident> {
    fn visit(tokens: TokenStream, found: &mut Vec<Ident>) {
        let mut after_quote = false;
        let mut dots = 0;
        for tree in tokens {
            match tree {
                TokenTree::Ident(ident) => {
                    if !after_quote && dots != 1 {
                        found.push(ident);
                    }
                    (after_quote, dots) = (false, 0);
                }
                TokenTree::Punct(punct) => {
                    after_quote = punct.as_char() == '\'';
                    dots = if punct.as_char() == '.' { dots + 1 } else { 0 };
                }
                TokenTree::Group(group) => {
                    visit(group.stream(), found);
                    (after_quote, dots) = (false, 0);
                }
                TokenTree::Literal(_) => (after_quote, dots) = (false, 0),
            }
        }
    }
    let mut found = Vec::new();
    visit(tokens, &mut found);
    found
}

/// Whether one of `names` occurs in `tokens`, see [`names`].
pub(crate) fn mentions<'a>(
    tokens: TokenStream,
    mut wanted: impl Iterator<Item = &'a Ident>,
) -> bool {
    let found = names(tokens);
    wanted.any(|ident| found.contains(ident))
}

/// The names of all lifetimes in `tokens`, without the quote.
pub(crate) fn lifetimes(tokens: TokenStream) -> Vec<Ident> {
    let mut found = Vec::new();
    let mut after_quote = false;
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) if after_quote => {
                found.push(ident);
                after_quote = false;
            }
            TokenTree::Group(group) => {
                found.extend(lifetimes(group.stream()));
                after_quote = false;
            }
            TokenTree::Punct(punct) => after_quote = punct.as_char() == '\'',
            _ => after_quote = false,
        }
    }
    found
}

/// Whether an identifier or a lifetime is spelled `name` somewhere in `tokens`.
pub(crate) fn spells(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => spells(group.stream(), name),
        _ => false,
    })
}

/// `tokens` without the attributes in its parentheses that are called so.
pub(crate) fn without_attributes(
    tokens: TokenStream,
    is_unwanted: &dyn Fn(&str) -> bool,
) -> TokenStream {
    let without = |tokens: TokenStream| {
        let mut kept: Vec<TokenTree> = Vec::new();
        for tree in tokens {
            let unwanted = matches!(&tree, TokenTree::Group(group)
                if group.delimiter() == Delimiter::Bracket
                    && group.stream().into_iter().next().is_some_and(|name| is_unwanted(&name.to_string())));
            if unwanted && kept.last().is_some_and(|last| is_punct(last, '#')) {
                kept.pop();
            } else {
                kept.push(tree);
            }
        }
        kept.into_iter().collect()
    };
    let outside = tokens.into_iter().map(|tree| match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
            let mut inside = Group::new(group.delimiter(), without(group.stream()));
            inside.set_span(group.span());
            TokenTree::Group(inside)
        }
        _ => tree,
    });
    outside.collect()
}

/// `fn name(…);` with a body in the place of the semicolon, for a function that should have had one; anything else as it is.
pub(crate) fn with_body(tokens: TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is_function = trees.iter().any(|tree| is_word(tree, "fn"));
    if is_function && trees.last().is_some_and(|last| is_punct(last, ';')) {
        trees.pop();
        trees.push(Group::new(Delimiter::Brace, quote!(::core::unreachable!())).into());
        let mut function = quote!(#[allow(unused_variables)]);
        function.extend(trees);
        return function;
    }
    trees.into_iter().collect()
}

/// The first token in `tokens`, at any depth, that `wanted` accepts.
pub(crate) fn find(
    tokens: TokenStream,
    wanted: &mut dyn FnMut(&TokenTree) -> bool,
) -> Option<TokenTree> {
    for tree in tokens {
        if wanted(&tree) {
            return Some(tree);
        }
        if let TokenTree::Group(group) = tree
            && let Some(found) = find(group.stream(), wanted)
        {
            return Some(found);
        }
    }
    None
}

/// Whether `tree` is the keyword `word`; `r#word` is not.
pub(crate) fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}

/// Whether `tree` is the punctuation `mark`.
pub(crate) fn is_punct(tree: &TokenTree, mark: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == mark)
}

/// Whether `first` and `second` are the two halves of `::`.
pub(crate) fn is_path_separator(first: &TokenTree, second: &TokenTree) -> bool {
    matches!(first, TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
        && is_punct(second, ':')
}

/// `tokens` as if they stood at `span`; what they mean stays.
pub(crate) fn located_at(tokens: &TokenStream, span: Span) -> TokenStream {
    let relocate = |mut tree: TokenTree| {
        tree.set_span(tree.span().located_at(span));
        tree
    };
    tokens.clone().into_iter().map(relocate).collect()
}

/// The tokens as text, with no space but where two words, or a comma and something else, meet.
pub(crate) fn as_written(tokens: TokenStream) -> String {
    fn write(tokens: TokenStream, text: &mut String) {
        let mut after_word = false;
        for tree in tokens {
            let is_word = matches!(tree, TokenTree::Ident(_) | TokenTree::Literal(_));
            if (is_word && after_word) || text.ends_with(',') {
                text.push(' ');
            }
            after_word = is_word;
            match &tree {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    text.push_str(open);
                    write(group.stream(), text);
                    text.push_str(close);
                }
                TokenTree::Punct(mark) => text.push(mark.as_char()),
                other => text.push_str(&other.to_string()),
            }
        }
    }
    let mut text = String::new();
    write(tokens, &mut text);
    text
}

/// The function body `body` with `first` executed before everything else in it.
pub(crate) fn prepend_to_body(body: &Group, first: &TokenStream) -> Group {
    if first.is_empty() {
        return body.clone();
    }
    let mut stream = TokenStream::new();
    if body.delimiter() == Delimiter::Brace {
        // `#![allow(…)]` has to stay at the very beginning.
        let mut rest = body.stream().into_iter().peekable();
        while rest.peek().is_some_and(|tree| is_punct(tree, '#')) {
            let mut ahead = rest.clone();
            ahead.next();
            if !ahead.next().is_some_and(|tree| is_punct(&tree, '!')) {
                break;
            }
            stream.extend(rest.by_ref().take(3));
        }
        stream.extend(first.clone());
        stream.extend(rest);
    } else {
        stream.extend(first.clone());
        stream.extend([TokenTree::Group(body.clone())]);
    }
    let mut group = Group::new(Delimiter::Brace, stream);
    group.set_span(body.span());
    group
}
