#include <variant>

#include "../vss/express-writer.hpp"

#include "bindings.hpp"
#include "convert.hpp"
#include "run-async.hpp"

namespace wsb::napi {
namespace {

Napi::Value NothingToJs(Napi::Env env, std::monostate) { return env.Undefined(); }

template <typename Convert>
auto ToVector(const Napi::Value& value, const char* what, Convert convert) {
    const Napi::Array array = ToArray(value, what);
    std::vector<decltype(convert(array.Get(0U)))> elements;
    for (uint32_t index = 0; index < array.Length(); ++index) {
        elements.push_back(convert(array.Get(index)));
    }
    return elements;
}

vss::FileSet ToFileSet(const Napi::Value& value) {
    const Napi::Object files = ToObject(value, "files");
    return {ToString(files.Get("path"), "path"), ToString(files.Get("filespec"), "filespec"),
            ToBool(files.Get("recursive"), "recursive")};
}

vss::Dependency ToDependency(const Napi::Value& value) {
    const Napi::Object on = ToObject(value, "dependency");
    return {ToGuid(on.Get("writerId"), "writerId"),
            ToOptionalString(on.Get("logicalPath"), "logicalPath"),
            ToString(on.Get("name"), "name")};
}

vss::FileGroup ToFileGroup(const Napi::Value& value) {
    const Napi::Object component = ToObject(value, "component");
    return {ToOptionalString(component.Get("logicalPath"), "logicalPath"),
            ToString(component.Get("name"), "name"),
            ToOptionalString(component.Get("caption"), "caption"),
            ToBool(component.Get("selectable"), "selectable"),
            ToBool(component.Get("selectableForRestore"), "selectableForRestore"),
            ToVector(component.Get("files"), "files", ToFileSet),
            ToVector(component.Get("dependencies"), "dependencies", ToDependency)};
}

vss::ExpressWriter ToExpressWriter(const Napi::Value& value) {
    const Napi::Object writer = ToObject(value, "writer");
    return {ToGuid(writer.Get("writerId"), "writerId"),
            ToString(writer.Get("name"), "name"),
            ToUint32(writer.Get("restoreMethod"), "restoreMethod"),
            ToOptionalString(writer.Get("restoreService"), "restoreService"),
            ToBool(writer.Get("rebootRequired"), "rebootRequired"),
            ToUint32(writer.Get("backupSchema"), "backupSchema"),
            ToVector(writer.Get("components"), "components", ToFileGroup),
            ToVector(writer.Get("exclude"), "exclude", ToFileSet)};
}

}  // namespace

Napi::Value RegisterExpressWriter(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [writer = ToExpressWriter(info[0])] {
            vss::RegisterExpressWriter(writer);
            return std::monostate{};
        },
        NothingToJs);
}

Napi::Value RegisterExpressDocument(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [document = ToString(info[0], "document")] {
            vss::RegisterExpressDocument(document);
            return std::monostate{};
        },
        NothingToJs);
}

Napi::Value UnregisterExpressWriter(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [writerId = ToGuid(info[0], "writerId")] {
            vss::UnregisterExpressWriter(writerId);
            return std::monostate{};
        },
        NothingToJs);
}

}  // namespace wsb::napi
