using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

/// <summary>Called during a backup, once the shadow copies exist, for each component.</summary>
/// <remarks>
/// What it may assume:
/// - Each of request["volumes"] has the shadow copy, "snapshot", of a volume, "source"; nobody writes
///   to it. Both have the form \\?\Volume{GUID}\.
/// - The token is cancelled at the time limit, timeoutsMs.checkConsistency in wsb-addin.json, and
///   when the backup is cancelled.
/// - An exception means damage: the backup goes on, but the component cannot be recovered from it.
///
/// What it must not assume:
/// - That the live volume, "source", is in the state of the shadow copy: never read it.
/// - That the services in wsb-addin.json are stopped: a backup stops none.
/// </remarks>
public class CheckConsistency
{
    public async Task<object> Invoke(object input)
    {
        var call = (IDictionary<string, object>)input;
        var request = (IDictionary<string, object>)call["request"];
        var log = (Func<object, Task<object>>)call["log"];
        var token = TokenOf(call);

        foreach (IDictionary<string, object> volume in (object[])request["volumes"])
        {
            token.ThrowIfCancellationRequested();
            // Here the application's files below the shadow copy are read, and what is wrong is thrown.
            await log("Looked at " + volume["snapshot"]);
        }
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
