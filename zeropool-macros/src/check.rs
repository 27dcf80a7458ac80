//! What an annotated function may not be. Everything is reported, nothing is changed.
//!
//! Here is what concerns the whole function; `marks` looks at single parameters, `batch` at what a batch goes over.

mod batch;
mod marks;

use crate::args::Options;
use crate::errors::Errors;
use crate::model::Kind;
use crate::signature::{self, Function, Param};
use crate::types::{Borrows, Visitor, strip, walk};
pub(crate) use marks::{BufferShape, buffer_shape, is_context};
use syn::{Lifetime, Path, ReturnType, Type};

/// The types whose names need no `use`.
pub(crate) const PRIMITIVES: &[&str] = &[
    "bool", "char", "str", "f16", "f32", "f64", "f128", "i8", "i16", "i32", "i64", "i128", "isize",
    "u8", "u16", "u32", "u64", "u128", "usize",
];

impl Kind {
    /// What the messages call the function.
    fn a_function(self) -> &'static str {
        match self {
            Kind::Task => "a task",
            Kind::Batch => "a batch function",
        }
    }

    /// The option that gives the struct a name.
    fn rename(self) -> &'static str {
        match self {
            Kind::Task => "#[zp::task(struct = Name)]",
            Kind::Batch => "#[zp::batch(struct = Name)]",
        }
    }
}

/// Checks everything about `function` that can be seen without knowing its types.
pub(crate) fn check(kind: Kind, function: &Function, options: &Options, errors: &mut Errors) {
    let a_function = kind.a_function();
    if let Some(other) = function.attrs.iter().find(|attr| signature::is_ours(attr)) {
        errors.at(other, "a function is a task or a batch: remove one of the two attributes, and make the other from a second function that calls this one");
        return;
    }
    check_qualifiers(kind, function, errors);
    check_struct_name(kind, function, options, errors);
    for attr in &function.attrs {
        if attr.path().is_ident("target_feature") {
            errors.at(attr, format!("{a_function} may run on any thread: call the `#[target_feature]` function from inside it, after checking for the feature"));
        }
    }
    for param in &function.generics.params {
        let (syn::GenericParam::Lifetime(syn::LifetimeParam { attrs, .. })
        | syn::GenericParam::Type(syn::TypeParam { attrs, .. })
        | syn::GenericParam::Const(syn::ConstParam { attrs, .. })) = param;
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("cfg")) {
            errors.at(attr, format!("a generic parameter of {a_function} cannot be conditional: put `#[cfg(…)]` on two versions of the function"));
        }
    }
    for param in &function.params {
        match param {
            Param::Receiver(tokens) => errors.at(
                tokens,
                format!("{a_function} is a free function, without `self`: move it out of the `impl` and take the value as an ordinary parameter, `this: &Type`"),
            ),
            Param::Variadic(tokens) => {
                errors.at(tokens, format!("{a_function} has a fixed number of parameters: take a slice, `items: &[T]`"));
            }
            Param::Typed(param) => check_mentions_self(kind, &param.ty, errors),
        }
    }
    marks::check(kind, function, errors);
    if kind == Kind::Batch {
        batch::check(function, errors);
    }
    check_output(kind, function, errors);
}

fn check_qualifiers(kind: Kind, function: &Function, errors: &mut Errors) {
    let a_function = kind.a_function();
    for qualifier in &function.qualifiers {
        let message = match qualifier.word.to_string().as_str() {
            "async" => {
                let waits = match kind {
                    Kind::Task => "waits for its handle",
                    Kind::Batch => "runs the batch",
                };
                format!("{a_function} runs from start to end without suspending: make it a plain `fn`; async code {waits} where blocking is allowed")
            }
            "unsafe" => {
                "calling an `unsafe` function needs a promise that only the caller can make: make this a safe `fn` with the `unsafe` block inside".to_owned()
            }
            "extern" => {
                format!("{a_function} is called by the pool, in Rust's own calling convention: make it a plain `fn` and call the `extern` function from it")
            }
            "gen" => format!("{a_function} returns one value: make it a plain `fn`"),
            _ => continue,
        };
        errors.at(&qualifier.tokens, message);
    }
}

fn check_struct_name(kind: Kind, function: &Function, options: &Options, errors: &mut Errors) {
    if options.struct_name.is_some() {
        return;
    }
    let name = function.ident.to_string();
    if PRIMITIVES.contains(&name.as_str()) {
        errors.at(
            &function.ident,
            format!(
                "the parameter struct would hide the type `{name}`: give it another name, `{}`",
                kind.rename()
            ),
        );
    }
    let mut hidden = Hidden {
        kind,
        name: &name,
        errors,
    };
    for param in function.typed_params() {
        walk(&mut param.ty.clone(), &mut hidden);
    }
    if let ReturnType::Type(_, ty) = &function.output {
        walk(&mut ty.clone(), &mut hidden);
    }
}

/// Finds types that the parameter struct would hide.
struct Hidden<'a> {
    kind: Kind,
    name: &'a str,
    errors: &'a mut Errors,
}

impl Visitor for Hidden<'_> {
    fn path(&mut self, path: &Path) {
        if let (None, Some(first)) = (path.leading_colon, path.segments.first())
            && first.ident == self.name
        {
            let (name, rename) = (self.name, self.kind.rename());
            self.errors.at(&first.ident, format!("`{name}` here would mean the parameter struct, which has the function's name: give the struct another one, `{rename}`"));
        }
    }
}

fn check_output(kind: Kind, function: &Function, errors: &mut Errors) {
    let a_function = kind.a_function();
    let ReturnType::Type(_, ty) = &function.output else {
        return;
    };
    check_mentions_self(kind, ty, errors);
    let mut impls = ImplTraits(kind, errors);
    walk(&mut ty.clone(), &mut impls);
    if let Type::Never(_) = strip(ty) {
        errors.at(
            ty,
            format!(
                "{a_function} has to end for its result to be waited for: return a type, or nothing"
            ),
        );
    }
    for borrowed in borrowed_from_worker(function) {
        errors.at(borrowed, BORROWS_LENT);
    }
}

/// The lifetimes in the output that are those of something the worker lends, as the output has them.
pub(crate) fn borrowed_from_worker(function: &Function) -> Vec<Lifetime> {
    let ReturnType::Type(_, ty) = &function.output else {
        return Vec::new();
    };
    let output = Borrows::of(ty).named;
    let lent = function
        .typed_params()
        .filter(|param| param.mark().is_some_and(|mark| mark.kind.is_lent()));
    let lent = lent.flat_map(|param| Borrows::of(&param.ty).named);
    lent.filter(|lifetime| lifetime.ident != "static")
        .filter_map(|lifetime| output.iter().find(|own| **own == lifetime).cloned())
        .collect()
}

pub(crate) const BORROWS_LENT: &str = "the output cannot borrow what the worker lends, which goes back when the call ends: return an owned value, or take a `zp::Buf` and return that";

struct ImplTraits<'a>(Kind, &'a mut Errors);

impl Visitor for ImplTraits<'_> {
    fn impl_trait(&mut self, ty: &mut Type) {
        let a_function = self.0.a_function();
        self.1.at(ty, format!("the output of {a_function} needs a name: write the type, or box it as `Box<dyn Trait + Send>`"));
    }
}

fn check_mentions_self(kind: Kind, ty: &Type, errors: &mut Errors) {
    struct SelfType<'a>(Kind, &'a mut Errors);
    impl Visitor for SelfType<'_> {
        fn path(&mut self, path: &Path) {
            if let Some(first) = path.segments.first()
                && first.ident == "Self"
            {
                let a_function = self.0.a_function();
                self.1.at(&first.ident, format!("{a_function} is a free function, outside of any `impl`: write the type's name instead of `Self`"));
            }
        }
    }
    walk(&mut ty.clone(), &mut SelfType(kind, errors));
}
