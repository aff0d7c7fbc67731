CREATE TABLE meta (key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (key)) WITHOUT ROWID;
CREATE TABLE messages (id INTEGER NOT NULL, tenant INTEGER NOT NULL, labels BLOB, record BLOB NOT NULL, PRIMARY KEY (id));
CREATE TABLE entries (seq INTEGER NOT NULL, tenant INTEGER NOT NULL, delivery_id INTEGER NOT NULL, message_id INTEGER NOT NULL, time_first INTEGER NOT NULL, time_last INTEGER NOT NULL, states INTEGER NOT NULL, parts BLOB NOT NULL, record BLOB NOT NULL, PRIMARY KEY (seq));
CREATE INDEX entries_by_time ON entries (tenant, time_last, time_first);
CREATE INDEX entries_by_delivery ON entries (delivery_id);
CREATE TABLE entry_keys (kind INTEGER NOT NULL, hash INTEGER NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, hash, time, seq)) WITHOUT ROWID;
