//! The statements of a plain table, made from the names of its columns.

/// A plain table.
#[derive(Clone, Copy, Debug)]
pub struct PlainTable {
    /// The name in the database, also in errors.
    pub name: &'static str,
    /// Its statements for SQLite. A list stands for a JSON array.
    pub sqlite: PlainStatements,
    /// Its statements for PostgreSQL. A list stands for a JSON array.
    pub postgres: PlainStatements,
}

/// The statements of a plain table for one database.
#[derive(Clone, Copy, Debug)]
pub struct PlainStatements {
    /// Takes a list of keys. Returns rows as JSON objects.
    pub load: &'static str,
    /// Returns all rows as JSON objects.
    pub load_all: &'static str,
    /// Takes the list of rows before they are put.
    pub before_put: Option<&'static str>,
    /// Takes a list of rows, and inserts or replaces them.
    pub put: &'static str,
    /// Takes a list of keys, and deletes their rows.
    pub remove: &'static str,
}

/// A [`PlainTable`] of the names of its table, of the columns of its primary key, and of its other columns.
macro_rules! plain_table {
    ($table:literal, [$key:literal $(, $more:literal)*], [$column:literal $(, $columns:literal)*]) => {
        $crate::plain::PlainTable {
            name: $table,
            sqlite: $crate::plain::PlainStatements {
                load: concat!("-- load_", $table, "\n     SELECT json_object('",
                    $key, "', t.", $key, $(", '", $more, "', t.", $more,)*
                    ", '", $column, "', t.", $column, $(", '", $columns, "', t.", $columns,)*
                    ") FROM json_each(?) j CROSS JOIN ", $table, " t ON t.", $key, " = j.value->>'", $key, "'"
                    $(, " AND t.", $more, " = j.value->>'", $more, "'")*),
                load_all: concat!("-- load_all_", $table, "\n     SELECT json_object('",
                    $key, "', t.", $key, $(", '", $more, "', t.", $more,)*
                    ", '", $column, "', t.", $column, $(", '", $columns, "', t.", $columns,)*
                    ") FROM ", $table, " t"),
                before_put: None,
                put: concat!("-- put_", $table, "\n     INSERT INTO ", $table, " (",
                    $key, $(", ", $more,)* ", ", $column, $(", ", $columns,)* ") SELECT value->>'",
                    $key, "'", $(", value->>'", $more, "'",)*
                    ", value->>'", $column, "'", $(", value->>'", $columns, "'",)*
                    " FROM jsonb_each(?) WHERE true ON CONFLICT (", $key, $(", ", $more,)* ") DO UPDATE SET ",
                    $column, " = excluded.", $column $(, ", ", $columns, " = excluded.", $columns)*),
                remove: concat!("-- remove_", $table, "\n     DELETE FROM ", $table, " WHERE (",
                    $key, $(", ", $more,)* ") IN (SELECT value->>'", $key, "'" $(, ", value->>'", $more, "'")*,
                    " FROM json_each(?))"),
            },
            postgres: $crate::plain::PlainStatements {
                load: concat!("-- load_", $table, "\n     SELECT row_to_json(t)::text FROM jsonb_populate_recordset(NULL::",
                    $table, ", $1::jsonb) j JOIN ", $table, " t ON t.", $key, " = j.", $key
                    $(, " AND t.", $more, " = j.", $more)*),
                load_all: concat!("-- load_all_", $table, "\n     SELECT row_to_json(t)::text FROM ", $table, " t"),
                before_put: None,
                put: concat!("-- put_", $table, "\n     INSERT INTO ", $table, " (",
                    $key, $(", ", $more,)* ", ", $column, $(", ", $columns,)* ") SELECT ",
                    $key, $(", ", $more,)* ", ", $column, $(", ", $columns,)*
                    " FROM jsonb_populate_recordset(NULL::", $table, ", $1::jsonb) ON CONFLICT (",
                    $key, $(", ", $more,)* ") DO UPDATE SET ",
                    $column, " = excluded.", $column $(, ", ", $columns, " = excluded.", $columns)*),
                remove: concat!("-- remove_", $table, "\n     DELETE FROM ", $table, " t USING jsonb_populate_recordset(NULL::",
                    $table, ", $1::jsonb) j WHERE t.", $key, " = j.", $key
                    $(, " AND t.", $more, " = j.", $more)*),
            },
        }
    };
}

pub(super) use plain_table;
