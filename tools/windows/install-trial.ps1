# Scaffolds, builds, installs and registers the trial's add-in, and installs the service it stops.
#
# Copies everything that runs as LocalSystem below Program Files, where only administrators can
# write: the built folder, node.exe, the service program.
param(
    [Parameter(Mandatory)] [ValidatePattern('^\{[0-9A-F-]{36}\}$')] [string] $WriterId,
    [Parameter(Mandatory)] [string] $DataFolder,
    [Parameter(Mandatory)] [string] $WorkFolder
)
. (Join-Path $PSScriptRoot 'trial.ps1')

$Node = (Get-Command node.exe).Source
$Project = Join-Path ([IO.Path]::GetFullPath($WorkFolder)) 'project'
$Cli = Join-Path $Project 'node_modules\wsb-addin\dist\cli\main.js'

function New-Project {
    $generator = Join-Path $Trial.Repository 'generator\dist\cli.cjs'
    Invoke-Program $Node @(
        $generator, $Project, '--yes', '--name', 'Contoso Ledger', '--identifier', $Trial.Identifier,
        '--writer-id', $WriterId, '--service', $Trial.Service) | Out-Host
    Copy-Item -Force (Join-Path $PSScriptRoot 'trial-addin.ts') (Join-Path $Project 'src\addin.ts')
}

# The package as it would be published.
function Install-Package {
    Push-Location $Trial.Repository
    try {
        Invoke-Program npm.cmd @('pack', '--pack-destination', $Project) | Out-Host
    } finally {
        Pop-Location
    }
    $tarball = Get-ChildItem -LiteralPath $Project -Filter 'wsb-addin-*.tgz' | Select-Object -First 1
    Push-Location $Project
    try {
        Invoke-Program npm.cmd @('install', '--save-dev', '--no-audit', '--no-fund', $tarball.FullName) | Out-Host
        Invoke-Program npm.cmd @('run', 'build') | Out-Host
    } finally {
        Pop-Location
    }
}

function Copy-Installation {
    New-Item -ItemType Directory -Force -Path $Trial.Folder | Out-Null
    Copy-Item -Recurse -Force (Join-Path $Project 'dist\*') $Trial.Folder
    Copy-Item -Force $Node $Trial.Folder
    $lab = Join-Path $Trial.Repository 'prebuilds\win32-x64\lab'
    Copy-Item -Force (Join-Path $lab 'wsb-lab-service.exe') $Trial.Folder
}

# The service holds the first component's file open without sharing while it runs.
function Install-Service {
    $program = Join-Path $Trial.Folder 'wsb-lab-service.exe'
    $data = Join-Path $DataFolder "$($Trial.Components[0])\ledger.db"
    Invoke-Program $program @('install', $Trial.Service, '--data', $data) | Out-Host
    Start-Service -Name $Trial.Service
}

function Register-Addin {
    $manifest = Join-Path $Trial.Folder 'wsb-addin.json'
    $installedNode = Join-Path $Trial.Folder 'node.exe'
    Invoke-Program $Node @($Cli, 'register', '--manifest', $manifest, '--node', $installedNode) | Out-Host
    Invoke-Program $Node @($Cli, 'status', '--manifest', $manifest) | Out-Host
}

New-Project
Install-Package
Copy-Installation
Install-Service
Register-Addin
