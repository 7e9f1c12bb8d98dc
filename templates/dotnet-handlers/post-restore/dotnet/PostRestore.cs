using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

/// <summary>Called once for each component, after its files have been restored.</summary>
/// <remarks>
/// What it may assume:
/// - The component's files are in place.
/// - The services named in wsb-addin.json are still stopped; they are started again after the last
///   component's call.
/// - request["noRollForward"] is what PreRestore was given.
/// - The token is cancelled at the time limit, timeoutsMs.postRestore in wsb-addin.json.
/// - An exception reports a failure with its message to Windows Server Backup; the services are
///   started again all the same.
///
/// What it must not assume:
/// - That PreRestore ran in the same process.
/// - That it is called at all after a restore that failed or was cancelled.
/// </remarks>
public class PostRestore
{
    public async Task<object> Invoke(object input)
    {
        var call = (IDictionary<string, object>)input;
        var request = (IDictionary<string, object>)call["request"];
        var log = (Func<object, Task<object>>)call["log"];
        var token = TokenOf(call);

        await log("Restored component " + (request["componentName"] ?? "without a name"));
        token.ThrowIfCancellationRequested();
        return null;
    }

    /// <summary>Makes a token that is cancelled when the call's time limit has come.</summary>
    private static CancellationToken TokenOf(IDictionary<string, object> call)
    {
        var aborted = (Func<object, Task<object>>)call["aborted"];
        var source = new CancellationTokenSource();
        // The answer is false when the method has ended without it.
        aborted(null).ContinueWith(answer => { if ((bool)answer.Result) source.Cancel(); });
        return source.Token;
    }
}
