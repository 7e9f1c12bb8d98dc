#include "writer-plan.hpp"

#include <cstdint>
#include <vector>

#include "convert.hpp"

namespace wsb::napi {
namespace {

template <typename Read>
auto ReadList(const Napi::Value& value, const char* what, Read read) {
    const Napi::Array array = ToArray(value, what);
    std::vector<decltype(read(Napi::Object{}))> list;
    list.reserve(array.Length());
    for (uint32_t index = 0; index < array.Length(); ++index) {
        const Napi::HandleScope scope{value.Env()};
        list.push_back(read(ToObject(array.Get(index), what)));
    }
    return list;
}

vss::PlannedFiles ReadFiles(const Napi::Object& files) {
    return {ToString(files.Get("path"), "path"), ToString(files.Get("filespec"), "filespec"),
            ToBool(files.Get("recursive"), "recursive"),
            ToOptionalString(files.Get("alternatePath"), "alternatePath")};
}

vss::PlannedDependency ReadDependency(const Napi::Object& dependency) {
    return {ToGuid(dependency.Get("writerId"), "writerId"),
            ToOptionalString(dependency.Get("logicalPath"), "logicalPath"),
            ToString(dependency.Get("name"), "name")};
}

vss::PlannedComponent ReadComponent(const Napi::Object& component) {
    return {
        ToString(component.Get("name"), "name"),
        ToOptionalString(component.Get("logicalPath"), "logicalPath"),
        ToOptionalString(component.Get("caption"), "caption"),
        ToBool(component.Get("selectable"), "selectable"),
        ToBool(component.Get("selectableForRestore"), "selectableForRestore"),
        ReadList(component.Get("files"), "files", ReadFiles),
        ReadList(component.Get("databaseFiles"), "databaseFiles", ReadFiles),
        ReadList(component.Get("logFiles"), "logFiles", ReadFiles),
        ReadList(component.Get("dependencies"), "dependencies", ReadDependency),
    };
}

}  // namespace

vss::WriterPlan ReadWriterPlan(const Napi::Object& plan) {
    return {
        ReadList(plan.Get("components"), "components", ReadComponent),
        ReadList(plan.Get("exclude"), "exclude", ReadFiles),
        static_cast<int>(ToUint32(plan.Get("restoreMethod"), "restoreMethod")),
        ToOptionalString(plan.Get("restoreService"), "restoreService"),
        ToUint32(plan.Get("backupSchema"), "backupSchema"),
    };
}

}  // namespace wsb::napi
