//! The macro that turns the list of cases into tests of any backend.

/// Makes the tests of a backend, and the public face of every case, from one list.
macro_rules! suite {
    ($d:tt $($module:ident { $($case:ident,)+ })+) => {
        /// Every case, by what it is about.
        pub mod cases {
            $(#[expect(missing_docs, reason = "the names are sentences")] pub mod $module {
                $(pub async fn $case(world: &crate::World) {
                    crate::$module::$case(world).await;
                })+
            })+
        }

        /// Emits one test for each case; the argument makes a new, empty [`Backend`](crate::Backend), or an
        /// `Option` of one where there may be none.
        #[macro_export]
        macro_rules! conformance {
            ($d make:expr) => {
                $(mod $module {
                    #[allow(unused_imports, reason = "what makes the backend may stand outside")]
                    use super::*;
                    $(#[test]
                    fn $case() {
                        $crate::run(
                            ($d make)(),
                            async |world| $crate::cases::$module::$case(world).await,
                        );
                    })+
                })+
            };
        }
    };
}
