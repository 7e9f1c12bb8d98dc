#include "writer-calls.hpp"

#include "win/unique-any.hpp"

namespace wsb::lab {
namespace {

using vss::Writer;

const vss::WriterVtable& Of(void* writer) { return *static_cast<Writer*>(writer)->vtable; }

constexpr WriterCallTable kTable{
    [](void* writer, vss::WriterMetadata* metadata) -> int {
        // An extended writer is asked so.
        return Of(writer).onIdentifyEx(static_cast<Writer*>(writer), metadata);
    },
    [](void* writer, vss::WriterComponents* components) -> int {
        return Of(writer).onPrepareBackup(static_cast<Writer*>(writer), components);
    },
    [](void* writer) -> int { return Of(writer).onPrepareSnapshot(static_cast<Writer*>(writer)); },
    [](void* writer) -> int { return Of(writer).onFreeze(static_cast<Writer*>(writer)); },
    [](void* writer) -> int { return Of(writer).onThaw(static_cast<Writer*>(writer)); },
    [](void* writer) -> int { return Of(writer).onAbort(static_cast<Writer*>(writer)); },
    [](void* writer, vss::WriterComponents* components) -> int {
        return Of(writer).onPostSnapshot(static_cast<Writer*>(writer), components);
    },
    [](void* writer, vss::WriterComponents* components) -> int {
        return Of(writer).onBackupComplete(static_cast<Writer*>(writer), components);
    },
    [](void* writer, const GUID* snapshotSetId) -> int {
        return Of(writer).onBackupShutdown(static_cast<Writer*>(writer), *snapshotSetId);
    },
};

/// The calls of a test's DLL that calls the writer as Microsoft's compiler does; see
/// vss-driver.cpp. The DLL stays loaded.
const WriterCallTable* DriverTable() {
    win::UniqueAny<HMODULE, ::FreeLibrary> driver{
        ::LoadLibraryExW(L"wsb-lab-vss-driver.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32)};
    const auto get =
        driver ? reinterpret_cast<const WriterCallTable* (*)()>(
                     reinterpret_cast<void*>(::GetProcAddress(driver.get(), "WriterCallTable")))
               : nullptr;
    if (get == nullptr) {
        return nullptr;
    }
    static_cast<void>(driver.release());
    return get();
}

}  // namespace

WriterCalls CallsOf(vss::Writer* writer) {
    const WriterCallTable* const driver = DriverTable();
    return {writer, driver == nullptr ? &kTable : driver};
}

}  // namespace wsb::lab
