#pragma once

#include "vss/vss-abi.hpp"

namespace wsb::lab {

/// The calls of a writer, of which one compiler knows the layout: this one's, or that of a DLL that
/// was compiled for Microsoft's (vss-driver.cpp). All but `identify` return 0 for a veto.
struct WriterCallTable {
    int (*identify)(void* writer, vss::WriterMetadata* metadata);
    int (*prepareBackup)(void* writer, vss::WriterComponents* components);
    int (*prepareSnapshot)(void* writer);
    int (*freeze)(void* writer);
    int (*thaw)(void* writer);
    int (*abort)(void* writer);
    int (*postSnapshot)(void* writer, vss::WriterComponents* components);
    int (*backupComplete)(void* writer, vss::WriterComponents* components);
    int (*backupShutdown)(void* writer, const GUID* snapshotSetId);
};

struct WriterCalls {
    void* writer;
    const WriterCallTable* table;
};

/// Returns the calls for a writer in the layout of vss-abi.hpp.
[[nodiscard]] WriterCalls CallsOf(vss::Writer* writer);

}  // namespace wsb::lab
